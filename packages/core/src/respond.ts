import type { WebhookError } from "./errors.js";

/** The reply to a request. */
export interface Reply {
  status: number;
  /** Lower-case names. */
  headers: Record<string, string>;
  /** `{"code":"…"}`, or empty for 204. */
  body: string;
  /** The refusal, for the log of whoever writes the reply; not for the sender. */
  error?: WebhookError;
}

/** Creates the reply that makes the sender count the delivery as received. */
export function acknowledge(): Reply {
  return { status: 204, headers: {}, body: "" };
}

/** Options of {@link refuse}. */
export interface RefuseOptions {
  /** Whether the body had been read to its end; if not, the connection cannot be used again. @default false */
  bodyRead?: boolean;
}

/**
 * Creates the reply to a refused delivery: its status and its code, nothing a stranger could learn from.
 *
 * @example
 * catch (error) { if (isWebhookError(error)) { const { status, headers, body } = refuse(error); … } }
 */
export function refuse(error: WebhookError, { bodyRead = false }: RefuseOptions = {}): Reply {
  const body = JSON.stringify({ code: error.code });
  const headers: Record<string, string> = {
    "content-type": "application/json",
    "content-length": String(body.length),
  };
  if (error.code === "method_not_allowed") headers["allow"] = "POST";
  if (error.retryAfterSeconds !== undefined)
    headers["retry-after"] = String(Math.ceil(error.retryAfterSeconds));
  if (!bodyRead || error.code === "closing") headers["connection"] = "close";
  return { status: error.status, headers, body, error };
}
