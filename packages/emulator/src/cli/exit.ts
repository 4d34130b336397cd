/** The exit codes of the program. */
export const exitCodes = {
  /** Success: acknowledged, verified, passed; or a server was stopped with Ctrl+C. */
  ok: 0,
  /** Failure: given up, not verified, not passed. */
  failed: 1,
  /** A mistake of the user: an invalid option, an unreadable file, a port in use. */
  usage: 2,
  /** A bug of the program, or its output cannot be written. */
  internal: 70,
  /** Interrupted with Ctrl+C. */
  interrupted: 130,
} as const;

/** A mistake of the user, shown in one line that says what to do. Exit code 2. */
export class UsageError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "UsageError";
  }
}

/** Output that cannot be written, such as to a full disk, shown in one line. Exit code 70. */
export class OutputError extends Error {
  constructor(path: string, cause: unknown) {
    const { code = "failed" } = cause as NodeJS.ErrnoException;
    super(`${path} cannot be written (${code}): free up space, or write somewhere else.`, { cause });
    this.name = "OutputError";
  }
}

/**
 * Runs a function that validates the user's input, and converts its errors.
 *
 * @param subject what the message is about, such as the name of a file
 * @throws {UsageError} with the message of the original error
 *
 * @example
 * const endpoint = asUsage(() => emulator.endpoints.create({ url, secret }));
 */
export function asUsage<Result>(validate: () => Result, subject?: string): Result {
  try {
    return validate();
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(subject === undefined ? message : `${subject}: ${message}`, { cause });
  }
}
