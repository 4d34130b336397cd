import { randomUUID } from "node:crypto";

import { sign } from "@ahasend-webhooks/core";
import { contract } from "@ahasend-webhooks/core/contract";
import { createEvent, serialize } from "@ahasend-webhooks/testing";

/** The secret of all deliveries. */
export const secret = "aha-whsec-Zk4vT9wQ2mX7bN1sL6pR3yC8dF5gH0jA";

/** A delivery whose body has arrived at a server. */
export interface Delivery {
  headers: Record<string, string>;
  body: Buffer;
}

/** The sizes that are measured, in bytes: an event, then inbound e-mails up to the largest accepted. */
export const sizes = {
  "550 B": 550,
  "5 KB": 5_000,
  "100 KB": 100_000,
  "1 MB": 1_000_000,
  "30 MB": contract.maxBodyBytes,
} as const;

/** The name of a size. */
export type Size = keyof typeof sizes;

/** Creates a body of a size, to a few bytes. It is ASCII: other text takes every parser longer. */
export function createBody(size: Size): Buffer {
  const make = sizes[size] < 1000 ? createMessage : createInboundMail;
  const missing = sizes[size] - Buffer.byteLength(make(0));
  return Buffer.from(make(missing));
}

/** Creates a delivery that is signed now, with the headers that a server receives. */
export function createDelivery(body: Buffer): Delivery {
  const id = `msg_${randomUUID()}`;
  const timestamp = Math.floor(Date.now() / 1000);
  return {
    headers: {
      host: "hooks.customer.example",
      "user-agent": "Go-http-client/1.1",
      "content-length": String(body.length),
      "content-type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": String(timestamp),
      "webhook-signature": sign({ secret, id, timestamp, body }),
      "accept-encoding": "gzip",
    },
    body,
  };
}

/** Returns the same delivery signed with another secret. */
export function forge({ headers, body }: Delivery): Delivery {
  const forgery = { secret: `${secret}-not`, id: headers["webhook-id"] ?? "", timestamp: 0, body };
  return { headers: { ...headers, "webhook-signature": sign(forgery) }, body };
}

function createMessage(padding: number): string {
  const subject = "Your invoice for July".padEnd(21 + padding, ".");
  return serialize(createEvent("message.reception", { data: { subject } }));
}

function createInboundMail(attachedBytes: number): string {
  const data = Buffer.alloc(Math.floor(attachedBytes / 4) * 3, "scan").toString("base64");
  const attachment = {
    filename: "scan.pdf",
    content_type: "application/pdf",
    content_id: "",
    disposition: "attachment",
    data,
  };
  return serialize(
    createEvent("message.routing", {
      data: { html_body: "<p>Thank you</p>", plain_body: "Thank you", attachments: [attachment] },
    }),
  );
}
