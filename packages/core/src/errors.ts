import { REFUSALS, type Refusal, type WebhookErrorCode } from "./refusals.js";

export type { WebhookErrorCode };

/** Known to every copy of this package, so that the ESM copy recognizes an error of the CommonJS copy. */
const BRAND = Symbol.for("@ahasend-webhooks/core/WebhookError");

/** Details of a {@link WebhookError}. */
export interface WebhookErrorOptions {
  /** The error behind it, such as the one that a handler threw. */
  cause?: unknown;
  /** Retry after this many seconds. @default 1 or 5 for 503, none for other statuses */
  retryAfterSeconds?: number;
}

/**
 * A delivery that was refused. The message is for the developer and ends with what to do; the sender only sees the
 * code. It carries no header value, no secret and no body.
 *
 * @example
 * if (isWebhookError(error) && error.code === "invalid_signature") metrics.increment("forged");
 */
export class WebhookError extends Error {
  readonly code: WebhookErrorCode;
  /** The HTTP status of the reply. */
  readonly status: number;
  /** Retry after this many seconds; set on 409 and 503. */
  readonly retryAfterSeconds: number | undefined;
  /** `true` if this app has to be fixed (status 500), `false` if the sender or a service it depends on is to blame. */
  readonly isOurFault: boolean;

  constructor(code: WebhookErrorCode, message: string, options: WebhookErrorOptions = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    const refusal: Refusal = REFUSALS[code];
    this.name = "WebhookError";
    this.code = code;
    this.status = refusal.status;
    this.retryAfterSeconds = options.retryAfterSeconds ?? refusal.retryAfterSeconds;
    this.isOurFault = refusal.status === 500;
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
    // Reading a property of a proxy may throw.
    return false;
  }
}

/** Returns the error itself if it is a refusal, or else a refusal with the error as its cause. */
export function toWebhookError(
  error: unknown,
  message = REFUSALS.handler_failed.message.unexpected,
): WebhookError {
  try {
    // Not only branded: the receiver relies on its code and status.
    if (error instanceof WebhookError) return error;
  } catch {
    // Reading the prototype of a proxy may throw.
  }
  return new WebhookError("handler_failed", message, { cause: error });
}
