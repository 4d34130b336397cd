/** What went wrong in the emulator itself. The set is closed: a `switch` over it can be exhaustive. */
export type EmulatorErrorCode =
  | "closed"
  | "delivery_not_found"
  | "endpoint_disabled"
  | "endpoint_not_found"
  | "redirect_failed"
  | "remote_address"
  | "state_unusable"
  | "timeout";

/**
 * What the emulator could not or would not do. The message ends with the cure. In an attempt that failed, its code is
 * the `error.code`.
 *
 * @example
 * if (error instanceof EmulatorError && error.code === "remote_address") …
 */
export class EmulatorError extends Error {
  readonly code: EmulatorErrorCode;

  constructor(code: EmulatorErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "EmulatorError";
    this.code = code;
  }
}
