import type { WebhookError } from "./errors.js";

/** The reply to a request. */
export interface Reply {
  status: number;
  /** Lower-case names. */
  headers: Record<string, string>;
  /** `{"code":"…"}`, or empty for 204. */
  body: string;
  /** The refusal, for your logs; never send it. */
  error?: WebhookError;
}

/** Creates the reply to a delivery that was accepted. */
export function acknowledge(): Reply {
  return { status: 204, headers: {}, body: "" };
}

/** Options of {@link refuse}. */
export interface RefuseOptions {
  /** `true` if the body was read to its end; if not, the connection is closed. @default false */
  bodyRead?: boolean;
}

/**
 * Creates the reply to a refused delivery: its status and its code, nothing else.
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
