import { randomUUID } from "node:crypto";

import { type AhaSendEventType, sign } from "@ahasend-webhooks/core";
import { createEvent, serialize } from "@ahasend-webhooks/testing";

/** A request of a check, before it has a URL. */
export interface Message {
  /** @default "POST" */
  method?: "POST" | "GET";
  headers: Record<string, string>;
  body: string | Uint8Array;
  /** How long the body takes to be sent. @default 0 */
  uploadSeconds?: number;
  /** What sets it apart from the other messages of its check. */
  what?: string;
}

/** What {@link signed} can change. */
export interface SigningOptions {
  /** The header `webhook-id`. @default a new one */
  id?: string;
  /** The header `webhook-timestamp`. @default now */
  timestamp?: string;
  what?: string;
}

type Fields = Record<string, unknown>;

/** An attempt as AhaSend makes it: of an event, or of the exact text or bytes of a body. */
export function signed(
  secret: string,
  event: Fields | string | Uint8Array = plainEvent(),
  { id = `msg_${randomUUID()}`, timestamp = secondsFromNow(0), what }: SigningOptions = {},
): Message {
  const body = typeof event === "string" || event instanceof Uint8Array ? event : serialize(event);
  return {
    headers: {
      "content-type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": timestamp,
      "webhook-signature": sign({ secret, id, timestamp, body }),
    },
    body,
    ...(what !== undefined && { what }),
  };
}

/** Unix seconds, as a header has them. */
export function secondsFromNow(seconds: number): string {
  return String(Math.floor(Date.now() / 1000) + seconds);
}

/** The same message with other headers; `undefined` leaves one out. */
export function withHeaders(message: Message, changes: Record<string, string | undefined>): Message {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries({ ...message.headers, ...changes })) {
    if (value !== undefined) headers[name] = value;
  }
  return { ...message, headers };
}

/** The same message with its signature written in another way. */
export function withSignature(message: Message, write: (signature: string) => string): Message {
  return withHeaders(message, { "webhook-signature": write(message.headers["webhook-signature"] ?? "") });
}

/**
 * An event whose text every serialiser writes in the same way, so that what goes wrong with it has another reason.
 *
 * @param data replaces fields of `data`, as it is
 */
export function plainEvent(
  type: AhaSendEventType = "message.delivered",
  data: Fields = {},
): Fields & { data: Fields } {
  const plain = JSON.stringify(createEvent(type)).replaceAll(/[^\x20-\x7e]|[<>&]/g, "");
  const event = JSON.parse(plain) as Fields & { data: Fields };
  return { ...event, data: { ...event.data, ...data } };
}

/** An inbound e-mail whose attachment makes a body of so many bytes. */
export function largeMail(bytes: number): Uint8Array {
  const attachment = {
    filename: "scan.pdf",
    content_type: "application/pdf",
    content_id: "",
    disposition: "",
  };
  const mail = serialize(plainEvent("message.routing", { attachments: [{ ...attachment, data: "*" }] }));
  const [head = "", tail = ""] = mail.split("*");
  // Base64 comes in fours.
  const size = Math.floor((bytes - head.length - tail.length) / 4) * 4;
  return Buffer.concat([Buffer.from(head), Buffer.alloc(size, "A"), Buffer.from(tail)]);
}
