import { Buffer } from "node:buffer";

import type { StoredDelivery } from "../stores/inbox.js";

/** A delivery as JSON, for queues that keep nothing else. The body is base64, because JSON would change its bytes. */
export interface KeptDelivery {
  v: 1;
  endpoint: string;
  deliveryId: string;
  type: string;
  /** Milliseconds since 1970. */
  sentAt: number;
  body: string;
}

export function toKeptDelivery({
  endpoint,
  deliveryId,
  type,
  sentAt,
  rawBody,
}: StoredDelivery): KeptDelivery {
  const bytes = Buffer.from(rawBody.buffer, rawBody.byteOffset, rawBody.byteLength);
  return {
    v: 1,
    endpoint,
    deliveryId,
    // PostgreSQL refuses NUL and half characters in JSON. The worker parses the type again.
    type: Buffer.from(type).toString().replaceAll("\0", "\ufffd"),
    sentAt: sentAt.getTime(),
    body: bytes.toString("base64"),
  };
}

/** Returns whether something in a queue was put there by {@link toKeptDelivery}. */
export function isKeptDelivery(data: unknown): data is KeptDelivery {
  if (typeof data !== "object" || data === null) return false;
  const { v, endpoint, deliveryId, type, sentAt, body } = data as Partial<Record<string, unknown>>;
  const strings = [endpoint, deliveryId, type, body];
  return v === 1 && typeof sentAt === "number" && strings.every((value) => typeof value === "string");
}

export function fromKeptDelivery({ endpoint, deliveryId, type, sentAt, body }: KeptDelivery): StoredDelivery {
  return { endpoint, deliveryId, type, sentAt: new Date(sentAt), rawBody: Buffer.from(body, "base64") };
}
