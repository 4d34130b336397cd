import { type AhaSendEvent, type SecretFormat, type UnknownEvent, sign } from "@ahasend-webhooks/core";

import { createDeliveryId } from "./events/ids.js";
import { serialize } from "./events/serialize.js";

/** Options of {@link signDelivery}. */
export interface SignDeliveryOptions {
  /** The secret of the receiver under test. */
  secret: string;
  /** An event, or the exact body as a string. */
  event: AhaSendEvent | UnknownEvent | string;
  /** Time of the attempt: a Date, or milliseconds since 1970. @default now */
  at?: Date | number;
  /** The header `webhook-id`; repeat it to send a duplicate. @default a new id */
  id?: string;
  /** Format of the secret, as in the options of the receiver. @default "raw" */
  secretFormat?: SecretFormat;
}

/** The headers and body of one attempt. */
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
 * Creates one attempt to deliver an event, signed as AhaSend signs it.
 *
 * @throws {TypeError} if the secret is not valid
 *
 * @example
 * const { headers, body } = signDelivery({ secret, event: createEvent("message.opened") });
 * await fetch("http://localhost:3000/webhooks/ahasend", { method: "POST", headers, body });
 */
export function signDelivery({
  secret,
  event,
  at = Date.now(),
  id = createDeliveryId(),
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
