import { callQuietly } from "./call-quietly.js";
import { describeError } from "./describe-error.js";

/** The type of `onWarning`. */
export type WarningListener = (message: string, error?: unknown) => void;

/**
 * Returns an `onWarning` that never throws: what goes wrong in it, now or later, must not end the process.
 *
 * @param onWarning the option of a store or an inbox. @default console.warn
 * @throws {TypeError} unless it is a function
 */
export function toQuietWarning(onWarning: unknown = warnOnConsole): WarningListener {
  if (typeof onWarning !== "function") {
    throw new TypeError("onWarning must be a function that takes a message, or left out.");
  }
  return (message, ...error) => callQuietly(() => (onWarning as WarningListener)(message, ...error));
}

function warnOnConsole(message: string, error?: unknown): void {
  console.warn(error === undefined ? message : `${message} ${describeError(error)}`);
}
