import type { Handlers } from "@ahasend-webhooks/koa";
import type { Desk, StorageContext } from "@ahasend-webhooks/mail-desk";

/** Returns the handler of each event: the part to make your own. */
export function createHandlers(desk: Desk): Handlers<StorageContext> {
  return {
    "message.bounced": ({ data, timestamp: at }, context) => {
      const reason = data.delivery_attempt?.classification ?? "bounced";
      return desk.record({ kind: "suppressed", recipient: data.recipient, reason, at }, context);
    },

    "suppression.created": ({ data }, context) => {
      const { recipient, reason, created_at: at, expires_at: until } = data;
      return desk.record({ kind: "suppressed", recipient, reason, at, until }, context);
    },

    "message.opened": ({ data }, context) => {
      const by = data.is_bot === undefined ? "unknown" : data.is_bot ? "bot" : "human";
      return desk.record({ kind: "opened", by }, context);
    },

    "message.routing": async ({ data, timestamp: at }, context) => {
      const { from, subject } = data;
      const attachments = data.attachments?.length ?? 0;
      const folder = await desk.storeMail(data);
      await desk.record({ kind: "mail", folder, from, subject, attachments, at }, context);
    },

    // Every event without a handler of its own.
    "*": ({ type }, context) => desk.record({ kind: "other", type }, context),
  };
}
