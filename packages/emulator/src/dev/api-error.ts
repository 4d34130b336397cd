import { EmulatorError, type EmulatorErrorCode } from "../errors.js";
import type { Problem } from "./view.js";

/** A request that the API refuses. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;

  /** @param message says what is wrong and what to do */
  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
  }
}

const STATUS: Partial<Record<EmulatorErrorCode, number>> = {
  closed: 503,
  delivery_not_found: 404,
  delivery_settled: 409,
  endpoint_disabled: 409,
  endpoint_not_found: 404,
  remote_address: 400,
  saved_event_not_found: 404,
};

/** Returns the reply to a request that failed. */
export function toProblem(error: unknown): { status: number; problem: Problem } {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof ApiError) return { status: error.status, problem: { code: error.code, message } };
  if (error instanceof EmulatorError) {
    return { status: STATUS[error.code] ?? 500, problem: { code: error.code, message } };
  }
  // The emulator throws it for invalid input.
  if (error instanceof TypeError) return { status: 400, problem: { code: "invalid", message } };
  return { status: 500, problem: { code: "internal", message } };
}
