import { randomBytes } from "node:crypto";

const TIMESTAMP_BYTES = 6;

/**
 * Creates the id of a delivery as AhaSend does: a UUIDv7, without a prefix.
 *
 * @example
 * signDelivery({ secret, event, id: createDeliveryId() });
 */
export function createDeliveryId(): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Date.now(), 0, TIMESTAMP_BYTES);
  bytes.writeUInt8(0x70 | (bytes.readUInt8(6) & 0x0f), 6);
  bytes.writeUInt8(0x80 | (bytes.readUInt8(8) & 0x3f), 8);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/**
 * Creates the `Message-ID` that AhaSend gives an e-mail: `<uuidv7@domain>`. The send API returns it, and message
 * events carry it as `message_id_header`.
 *
 * @example
 * const message_id_header = createMessageId("acme.example");
 */
export function createMessageId(domain: string): string {
  return `<${createDeliveryId()}@${domain}>`;
}

/** Creates the `data.id` of an event: 32 hexadecimal digits, unrelated to its message id. */
export function createEventId(): string {
  return randomBytes(16).toString("hex");
}
