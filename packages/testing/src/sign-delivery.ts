import { randomUUID } from "node:crypto";

import { type AhaSendEvent, type SecretFormat, type UnknownEvent, sign } from "@ahasend-webhooks/core";

import { serialize } from "./serialize.js";

/** What {@link signDelivery} signs, and with what. */
export interface SignDeliveryOptions {
  /** The secret the receiver under test was given. */
  secret: string;
  /** An event, or the exact text of a body. */
  event: AhaSendEvent | UnknownEvent | string;
  /** When the attempt is made: a Date, or milliseconds since 1970. @default now */
  at?: Date | number;
  /** The header `webhook-id`: repeat it to send a duplicate. @default a new one */
  id?: string;
  /** @default "raw" */
  secretFormat?: SecretFormat;
}

/** The headers and the body of one attempt. */
export interface SignedDelivery {
  headers: {
    "content-type": "application/json";
    "webhook-id": string;
    "webhook-timestamp": string;
    "webhook-signature": string;
  };
  body: string;
}

/**
 * Makes an attempt to deliver an event, signed as AhaSend signs it.
 *
 * @throws {TypeError} if the secret is unusable
 *
 * @example
 * const { headers, body } = signDelivery({ secret, event: createEvent("message.opened") });
 * await fetch("http://localhost:3000/webhooks/ahasend", { method: "POST", headers, body });
 */
export function signDelivery({
  secret,
  event,
  at = Date.now(),
  id = `msg_${randomUUID()}`,
  secretFormat = "raw",
}: SignDeliveryOptions): SignedDelivery {
  const body = typeof event === "string" ? event : serialize(event);
  const timestamp = Math.floor(Number(at) / 1000);
  return {
    headers: {
      "content-type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": String(timestamp),
      "webhook-signature": sign({ secret, id, timestamp, body, secretFormat }),
    },
    body,
  };
}
