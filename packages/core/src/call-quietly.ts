import { describeError } from "./describe-error.js";

/** Calls foreign code and ignores its failure, thrown or rejected. */
export function callQuietly(call: () => unknown): void {
  try {
    const result = call();
    if (typeof result === "object" || typeof result === "function") void ignoreRejection(result);
  } catch {
    // Ignored.
  }
}

async function ignoreRejection(result: unknown): Promise<void> {
  try {
    // Not `result.catch`: thenables lack it, and subclasses of Promise may override it.
    await result;
  } catch {
    // Ignored.
  }
}

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
