import type { AhaSendMessageEvent } from "@ahasend-webhooks/core";

import { readString } from "../read-string.js";

/**
 * Returns the key of the message that an event is about: `message_id_header` and the recipient in lower case.
 *
 * `data.id` cannot serve as the key, because the send API does not return it; and a mail to two recipients is two messages.
 * Source: the contract, "`data` of the message events".
 *
 * @example
 * const status = messageStatus(statuses.get(messageKey(event)), event);
 */
export function messageKey(event: AhaSendMessageEvent): string {
  const { message_id_header, recipient } = event.data;
  return `${readString(message_id_header)} ${readString(recipient).toLowerCase()}`;
}
