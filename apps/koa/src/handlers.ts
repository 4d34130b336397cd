import type { Handlers } from "@ahasend-webhooks/koa";

import type { Desk } from "./desk.js";

/** What the app does with each event: this is the part that is yours. */
export function createHandlers(desk: Desk): Handlers {
  return {
    "message.bounced": ({ data, timestamp }) =>
      desk.suppress(data.recipient, data.delivery_attempt?.classification ?? "bounced", timestamp),

    "suppression.created": ({ data }) =>
      desk.suppress(data.recipient, data.reason, data.created_at, data.expires_at),

    "message.opened": ({ data }) => desk.countOpen(data.is_bot),

    "message.routing": (event) => desk.saveMail(event),

    "*": ({ type }) => desk.countOther(type),
  };
}
