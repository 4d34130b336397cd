import type { Handlers } from "@ahasend-webhooks/express";
import { storeMail, type Context, type Desk } from "@ahasend-webhooks/mail-desk";

/** What the app does with each event: this is the part that is yours. */
export function createHandlers(desk: Desk, inbox: string): Handlers<Pick<Context, "client">> {
  return {
    "message.bounced": ({ data, timestamp: at }, context) => {
      const { deliveryId } = context;
      const reason = data.delivery_attempt?.classification ?? "bounced";
      return desk.record({ kind: "suppressed", deliveryId, recipient: data.recipient, reason, at }, context);
    },

    "suppression.created": ({ data }, context) => {
      const { deliveryId } = context;
      const { recipient, reason, created_at: at, expires_at: until } = data;
      return desk.record({ kind: "suppressed", deliveryId, recipient, reason, at, until }, context);
    },

    "message.opened": ({ data }, context) => {
      const by = data.is_bot === undefined ? "unknown" : data.is_bot ? "bot" : "human";
      return desk.record({ kind: "opened", deliveryId: context.deliveryId, by }, context);
    },

    "message.routing": async ({ data, timestamp: at }, context) => {
      const { deliveryId } = context;
      const folder = await storeMail(inbox, data);
      const { from, subject } = data;
      const attachments = data.attachments?.length ?? 0;
      await desk.record({ kind: "mail", deliveryId, folder, from, subject, attachments, at }, context);
    },

    "*": ({ type }, context) => desk.record({ kind: "other", deliveryId: context.deliveryId, type }, context),
  };
}
