import type { MessageRoutingEvent } from "@ahasend-webhooks/core";

import { readString } from "../read-string.js";

/** The conversation that an inbound mail belongs to. Ids are in angle brackets, as in `message_id_header`. */
export interface MailThread {
  /** Id of this mail; `""` if it has none. */
  readonly id: string;
  /** The mail that it answers. Compare with the `message_id_header` of what you sent. */
  readonly parentId?: string;
  /** The first mail of the conversation; its own id if it answers nothing. */
  readonly rootId: string;
  /** The mails before it, the oldest first, each once. */
  readonly ancestorIds: readonly string[];
}

/** Well above any honest thread: each reply adds one, and mail programs cut the middle. */
const MAX_ANCESTORS = 1000;

/**
 * Returns the conversation that an inbound mail belongs to, from `references` and `in_reply_to`. The sender of the mail chooses
 * both: check that the parent is one that you sent to this address before you show its content.
 *
 * Sources: the contract, "`data` of `message.routing`" (header values that may be empty) and "`data` of the message events"; RFC 5322,
 * section 3.6.4. Throws nothing.
 *
 * @example
 * const { parentId, rootId } = readThread(event);
 * const ticket = await tickets.findByMessageId(parentId ?? rootId);
 */
export function readThread(event: MessageRoutingEvent): MailThread {
  const { message_id, references, in_reply_to } = event.data;
  const [id = ""] = readIds(message_id);
  const repliedTo = readIds(in_reply_to);
  const ancestorIds = [...new Set([...readIds(references), ...repliedTo])].filter((other) => other !== id);
  // With several in `in_reply_to`, the last of `references` is the one that was answered.
  const parentId = repliedTo.length === 1 ? repliedTo[0] : ancestorIds.at(-1);
  const rootId = ancestorIds[0] ?? id;
  return parentId === undefined || parentId === id
    ? { id, rootId, ancestorIds }
    : { id, parentId, rootId, ancestorIds };
}

/** In brackets, as they must be, or bare. Comments and other words, which older mail programs wrote, are left out. */
function readIds(header: unknown): string[] {
  const words = readString(header).match(/<[^<>\s]+>|[^\s<>,;"()]+/g) ?? [];
  const ids = words.filter((word) => word.includes("@"));
  return ids.slice(-MAX_ANCESTORS).map((id) => (id.startsWith("<") ? id : `<${id}>`));
}
