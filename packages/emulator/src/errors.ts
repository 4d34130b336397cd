/** Codes of {@link EmulatorError}. The set is closed: a `switch` over it can be exhaustive. */
export type EmulatorErrorCode =
  | "closed"
  | "delivery_not_found"
  | "delivery_settled"
  | "endpoint_disabled"
  | "endpoint_not_found"
  | "redirect_failed"
  | "remote_address"
  | "saved_event_not_found"
  | "state_unusable"
  | "timeout";

/**
 * An error of the emulator itself. The message ends with how to fix it. In a failed attempt, `error.code` is its code.
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
