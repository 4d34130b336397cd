import { randomUUID } from "node:crypto";

import { type AhaSendEventType, sign } from "@ahasend-webhooks/core";
import { createEvent, serialize } from "@ahasend-webhooks/testing";

/** A request of a check, before it has a URL. */
export interface CheckRequest {
  /** @default "POST" */
  method?: "POST" | "GET";
  headers: Record<string, string>;
  body: string | Uint8Array;
  /** How long the body takes to be sent. @default 0 */
  uploadSeconds?: number;
  /** What sets it apart from the other messages of its check. */
  label?: string;
}

/** What {@link signRequest} can change. */
export interface SigningOptions {
  /** The header `webhook-id`. @default a new one */
  id?: string;
  /** The header `webhook-timestamp`. @default now */
  timestamp?: string;
  label?: string;
}

type Fields = Record<string, unknown>;

/** An attempt as AhaSend makes it: of an event, or of the exact text or bytes of a body. */
export function signRequest(
  secret: string,
  event: Fields | string | Uint8Array = createPlainEvent(),
  { id = `msg_${randomUUID()}`, timestamp = timestampFromNow(0), label: what }: SigningOptions = {},
): CheckRequest {
  const body = typeof event === "string" || event instanceof Uint8Array ? event : serialize(event);
  return {
    headers: {
      "content-type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": timestamp,
      "webhook-signature": sign({ secret, id, timestamp, body }),
    },
    body,
    ...(what !== undefined && { label: what }),
  };
}

/** Unix seconds, as a header has them. */
export function timestampFromNow(seconds: number): string {
  return String(Math.floor(Date.now() / 1000) + seconds);
}

/** The same message with other headers; `undefined` leaves one out. */
export function withHeaders(
  message: CheckRequest,
  changes: Record<string, string | undefined>,
): CheckRequest {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries({ ...message.headers, ...changes })) {
    if (value !== undefined) headers[name] = value;
  }
  return { ...message, headers };
}

/** The same message with its signature written in another way. */
export function withSignature(message: CheckRequest, write: (signature: string) => string): CheckRequest {
  return withHeaders(message, { "webhook-signature": write(message.headers["webhook-signature"] ?? "") });
}

/**
 * An event whose text every serialiser writes in the same way, so that what goes wrong with it has another reason.
 *
 * @param data replaces fields of `data`, as it is
 */
export function createPlainEvent(
  type: AhaSendEventType = "message.delivered",
  data: Fields = {},
): Fields & { data: Fields } {
  const plain = JSON.stringify(createEvent(type)).replaceAll(/[^\x20-\x7e]|[<>&]/g, "");
  const event = JSON.parse(plain) as Fields & { data: Fields };
  return { ...event, data: { ...event.data, ...data } };
}

/** An inbound e-mail whose attachment makes a body of so many bytes. */
export function createLargeEmail(bytes: number): Uint8Array {
  const attachment = {
    filename: "scan.pdf",
    content_type: "application/pdf",
    content_id: "",
    disposition: "",
  };
  const mail = serialize(
    createPlainEvent("message.routing", { attachments: [{ ...attachment, data: "*" }] }),
  );
  const [head = "", tail = ""] = mail.split("*");
  // Base64 comes in fours.
  const size = Math.floor((bytes - head.length - tail.length) / 4) * 4;
  return Buffer.concat([Buffer.from(head), Buffer.alloc(size, "A"), Buffer.from(tail)]);
}
