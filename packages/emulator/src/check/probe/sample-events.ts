import type { AhaSendEventType } from "@ahasend-webhooks/core";
import { createEvent, serialize } from "@ahasend-webhooks/testing";

type Fields = Record<string, unknown>;

/**
 * Creates an event that every JSON serializer writes the same way, so that a failure has another cause.
 *
 * @param data replaces fields of `data`, unchanged
 */
export function createPlainEvent(
  type: AhaSendEventType = "message.delivered",
  data: Fields = {},
): Fields & { data: Fields } {
  const plain = JSON.stringify(createEvent(type)).replaceAll(/[^\x20-\x7e]|[<>&]/g, "");
  const event = JSON.parse(plain) as Fields & { data: Fields };
  return { ...event, data: { ...event.data, ...data } };
}

/** Creates the body of an inbound e-mail whose attachment brings it to a size in bytes. */
export function createLargeEmail(bytes: number): Uint8Array {
  const attachment = {
    filename: "scan.pdf",
    content_type: "application/pdf",
    content_id: "",
    disposition: "",
  };
  const email = serialize(
    createPlainEvent("message.routing", { attachments: [{ ...attachment, data: "*" }] }),
  );
  const [head = "", tail = ""] = email.split("*");
  // The length of base64 is a multiple of four.
  const size = Math.floor((bytes - head.length - tail.length) / 4) * 4;
  const body = Buffer.alloc(head.length + size + tail.length, "A");
  body.write(head);
  body.write(tail, head.length + size);
  return body;
}
