import { sign } from "@ahasend-webhooks/core";
import { createDeliveryId, serialize } from "@ahasend-webhooks/testing";

import { USER_AGENT } from "../../contract.js";
import { createPlainEvent } from "./sample-events.js";

/** A request that a check sends, without its URL. */
export interface CheckRequest {
  /** @default "POST" */
  method?: "POST" | "GET";
  headers: Record<string, string>;
  body: string | Uint8Array;
  /** Time that sending the body takes, in seconds. @default 0 */
  uploadSeconds?: number;
  /** Distinguishes it from the other requests of its check. */
  label?: string;
}

/** Options of {@link signRequest}. */
export interface SigningOptions {
  /** The header `webhook-id`. @default a new id */
  id?: string;
  /** The header `webhook-timestamp`. @default now */
  timestamp?: string;
  label?: string;
}

/** Creates an attempt as AhaSend makes it, for an event or for exact body bytes. */
export function signRequest(
  secret: string,
  event: Record<string, unknown> | string | Uint8Array = createPlainEvent(),
  { id = createDeliveryId(), timestamp = timestampFromNow(0), label }: SigningOptions = {},
): CheckRequest {
  const body = typeof event === "string" || event instanceof Uint8Array ? event : serialize(event);
  return {
    headers: {
      "user-agent": USER_AGENT,
      "content-type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": timestamp,
      "webhook-signature": sign({ secret, id, timestamp, body }),
    },
    body,
    ...(label !== undefined && { label }),
  };
}

/** Returns a `webhook-timestamp` that is the given number of seconds from now. */
export function timestampFromNow(seconds: number): string {
  return String(Math.floor(Date.now() / 1000) + seconds);
}

/** Returns the request with some headers changed; `undefined` removes one. */
export function withHeaders(
  request: CheckRequest,
  changes: Record<string, string | undefined>,
): CheckRequest {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries({ ...request.headers, ...changes })) {
    if (value !== undefined) headers[name] = value;
  }
  return { ...request, headers };
}

/** Returns the request with its signature rewritten. */
export function withSignature(request: CheckRequest, rewrite: (signature: string) => string): CheckRequest {
  return withHeaders(request, { "webhook-signature": rewrite(request.headers["webhook-signature"] ?? "") });
}
