import type { WebhookError } from "./errors.js";

/** What the sender is answered. */
export interface Reply {
  status: number;
  /** Lower-case names. */
  headers: Record<string, string>;
  /** `{"code":"…"}`, or empty for 204. */
  body: string;
  /** What was refused and why, for the log of whoever writes the reply; not for the sender. */
  error?: WebhookError;
}

/** After these the connection cannot be used again: the rest of the body is not going to be read. */
const CLOSING_CODES = ["body_timeout", "body_too_large", "overloaded", "closing"];

/** The reply that makes the sender count the delivery as received. */
export function acknowledge(): Reply {
  return { status: 204, headers: {}, body: "" };
}

/**
 * The reply to a refused delivery: its status and its code, nothing a stranger could learn from.
 *
 * @example
 * catch (error) { if (isWebhookError(error)) { const { status, headers, body } = refuse(error); … } }
 */
export function refuse(error: WebhookError): Reply {
  const body = JSON.stringify({ code: error.code });
  const headers: Record<string, string> = {
    "content-type": "application/json",
    "content-length": String(body.length),
  };
  if (error.code === "method_not_allowed") headers["allow"] = "POST";
  if (error.retryAfterSeconds !== undefined)
    headers["retry-after"] = String(Math.ceil(error.retryAfterSeconds));
  if (CLOSING_CODES.includes(error.code)) headers["connection"] = "close";
  return { status: error.status, headers, body, error };
}
