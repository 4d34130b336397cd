import { createHash } from "node:crypto";

import type { MessageRoutingEvent } from "@ahasend-webhooks/core";

import { readString } from "../read-string.js";
import { parseAddress } from "./addresses.js";

/**
 * Returns a key that is the same for all deliveries of one inbound mail: AhaSend sends one for each route, and for each recipient
 * that a route matches. 64 hexadecimal digits.
 *
 * The key is made from `message_id` and the address of the sender, so that a stranger who repeats the id of another's mail does
 * not keep that mail out. A mail without `message_id` has a key of its own in each delivery: `data.id`.
 *
 * Source: the contract, "`data` of `message.routing`" (whoever wants each mail once deduplicates by `message_id`). Throws nothing.
 *
 * @example
 * if (await mails.insertOnce(inboundKey(event), event.data.subject)) await openTicket(event);
 */
export function inboundKey(event: MessageRoutingEvent): string {
  const { message_id, from, id } = event.data;
  const messageId = readString(message_id).trim();
  const sender = parseAddress(from)?.address ?? readString(from);
  const parts = messageId === "" ? ["id", readString(id)] : ["message_id", messageId, sender.toLowerCase()];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}
