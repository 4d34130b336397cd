/** What the program's exit status says. */
export const exitCodes = {
  /** All went well: acknowledged, verified, passed; or a server was stopped with Ctrl+C. */
  ok: 0,
  /** The answer is no: given up, not verified, not passed. */
  failed: 1,
  /** Nothing could be done: a wrong option, an unreadable file, a port in use. */
  usage: 2,
  /** A bug of the program itself, or its output cannot be written. */
  internal: 70,
  /** Ctrl+C before the end. */
  interrupted: 130,
} as const;

/** Something that the user can put right: shown as one line, which ends with the cure. Exit status 2. */
export class UsageError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "UsageError";
  }
}

/** Output that cannot be written, such as to a full disk: shown as one line. Exit status 70. */
export class OutputError extends Error {
  constructor(path: string, cause: unknown) {
    const { code = "failed" } = cause as NodeJS.ErrnoException;
    super(`${path} cannot be written (${code}): free space, or write somewhere else.`, { cause });
    this.name = "OutputError";
  }
}

/**
 * Runs what judges the user's input, and makes its errors the user's.
 *
 * @param about what the message is about, such as the name of a file
 * @throws {UsageError} with the message of whatever was thrown
 *
 * @example
 * const endpoint = asUsage(() => emulator.endpoints.create({ url, secret }));
 */
export function asUsage<Result>(judge: () => Result, about?: string): Result {
  try {
    return judge();
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(about === undefined ? message : `${about}: ${message}`, { cause });
  }
}
