import type { MessageRoutingEvent } from "@ahasend-webhooks/core";

import { readString } from "../read-string.js";
import { toPlainReply } from "./html-to-plain.js";

/**
 * Returns what the sender of an inbound mail wrote, without the quoted original: `reply_from_plain_body`; if that is empty,
 * `plain_body`; and for mail in HTML alone, as phones send it, the words of `html_body` above or beside the quotation. Lines end
 * with `\n`. Not escaped.
 *
 * Source: the contract, "`data` of `message.routing`". Throws nothing.
 *
 * @example
 * await tickets.addComment(ticket, replyText(event));
 */
export function replyText(event: MessageRoutingEvent): string {
  const { reply_from_plain_body, plain_body, html_body } = event.data;
  const plain = readLines(reply_from_plain_body) || readLines(plain_body);
  return plain || toPlainReply(readString(html_body));
}

function readLines(body: unknown): string {
  return readString(body).replace(/\r\n?/g, "\n").trim();
}
