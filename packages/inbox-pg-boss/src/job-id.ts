import { createHash } from "node:crypto";

import type { StoredDelivery } from "@ahasend-webhooks/core";

/** Returns the id of a delivery's job: a UUID of version 8, made of its SHA-256. pg-boss accepts each id once. */
export function toJobId({ endpoint, deliveryId }: StoredDelivery): string {
  // The id of a delivery has no line break, so the last one separates.
  const bytes = toDigest(`${endpoint}\n${deliveryId}`).subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** Returns a SHA-256. */
export function toDigest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
