import type { Handlers } from "@ahasend-webhooks/koa";
import { readActor, shouldSuppress } from "@ahasend-webhooks/mail";
import type { Desk, StorageContext } from "@ahasend-webhooks/mail-desk";

/** Returns the handler of each event: the part to make your own. */
export function createHandlers(desk: Desk): Handlers<StorageContext> {
  return {
    "message.bounced": (event, context) => desk.suppress(event, shouldSuppress(event), context),

    "suppression.created": (event, context) => desk.suppress(event, shouldSuppress(event), context),

    "message.opened": (event, context) =>
      desk.record(event, { kind: "opened", by: readActor(event) }, context),

    "message.routing": async (event, context) => {
      const { from, subject, attachments: files } = event.data;
      const folder = await desk.storeMail(event);
      const mail = { folder, from, subject, attachments: files?.length ?? 0, at: event.timestamp };
      await desk.record(event, { kind: "mail", ...mail }, context);
    },

    // Events that have no handler above.
    "*": (event, context) => desk.record(event, { kind: "other", type: event.type }, context),
  };
}
