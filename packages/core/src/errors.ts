/** The HTTP status that goes with each refusal: the one status table of these packages. */
const STATUS = {
  missing_header: 400,
  invalid_header: 400,
  invalid_payload: 400,
  body_aborted: 400,
  stale_timestamp: 401,
  invalid_signature: 401,
  method_not_allowed: 405,
  body_timeout: 408,
  in_flight: 409,
  body_too_large: 413,
  unsupported_encoding: 415,
  handler_failed: 500,
  body_already_parsed: 500,
  store_unavailable: 503,
  secret_unavailable: 503,
  deadline_exceeded: 503,
  overloaded: 503,
  closing: 503,
} as const;

/** Why a delivery was refused. The set is closed: a `switch` over it can be exhaustive. */
export type WebhookErrorCode = keyof typeof STATUS;

/** Known to every copy of this package, so that an error of its CommonJS copy is one for its ESM copy too. */
const BRAND = Symbol.for("@ahasend-webhooks/core/WebhookError");

/** Details of a {@link WebhookError}. */
export interface WebhookErrorOptions {
  /** The error behind it, such as the one that a handler threw. */
  cause?: unknown;
  /** When another attempt makes sense, in seconds. */
  retryAfterSeconds?: number;
}

/**
 * A delivery that was refused. The message is for the developer and ends with the cure; the sender only ever sees
 * the code. It carries no header value, no secret and no body.
 *
 * @example
 * if (isWebhookError(error) && error.code === "invalid_signature") metrics.increment("forged");
 */
export class WebhookError extends Error {
  readonly code: WebhookErrorCode;
  /** The HTTP status the sender gets. */
  readonly status: number;
  /** When another attempt makes sense, in seconds; set on 409 and 503. */
  readonly retryAfterSeconds: number | undefined;

  constructor(code: WebhookErrorCode, message: string, options: WebhookErrorOptions = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.name = "WebhookError";
    this.code = code;
    this.status = STATUS[code];
    this.retryAfterSeconds = options.retryAfterSeconds;
    Object.defineProperty(this, BRAND, { value: true });
  }
}

/**
 * Returns whether a value is a {@link WebhookError}, of any copy of this package (ESM or CommonJS) and any realm. Never
 * throws.
 *
 * @example
 * catch (error) { if (isWebhookError(error)) response.status(error.status).json({ code: error.code }); }
 */
export function isWebhookError(value: unknown): value is WebhookError {
  try {
    return typeof value === "object" && value !== null && (value as { [BRAND]?: unknown })[BRAND] === true;
  } catch {
    // A proxy may throw whatever it is asked.
    return false;
  }
}

/** Returns the error itself if it is a refusal, or else one with the error as its cause. */
export function toWebhookError(error: unknown): WebhookError {
  try {
    // Not only branded: the receiver relies on its code and status.
    if (error instanceof WebhookError) return error;
  } catch {
    // A proxy may throw whatever it is asked.
  }
  const message = "The receiver met an unexpected error, its cause: please report it, with that cause.";
  return new WebhookError("handler_failed", message, { cause: error });
}
