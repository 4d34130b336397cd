import { readActor, shouldSuppress } from "@ahasend-webhooks/mail";
import {
  type AhaSendEvent,
  type AhaSendEventOf,
  OnAhaSendEvent,
  type UnknownEvent,
} from "@ahasend-webhooks/nestjs";
import { Desk, type DeskContext } from "@ahasend-webhooks/mail-desk";
import { Inject, Injectable } from "@nestjs/common";

/** Handles each event: the part to make your own. */
@Injectable()
export class DeskHandlers {
  constructor(@Inject(Desk) private readonly desk: Desk) {}

  @OnAhaSendEvent("message.bounced")
  @OnAhaSendEvent("suppression.created")
  suppressed(event: AhaSendEventOf<"message.bounced" | "suppression.created">, context: DeskContext) {
    return this.desk.suppress(event, shouldSuppress(event), context);
  }

  @OnAhaSendEvent("message.opened")
  opened(event: AhaSendEventOf<"message.opened">, context: DeskContext) {
    return this.desk.record(event, { kind: "opened", by: readActor(event) }, context);
  }

  @OnAhaSendEvent("message.routing")
  async arrived(event: AhaSendEventOf<"message.routing">, context: DeskContext) {
    const { from, subject, attachments: files } = event.data;
    const folder = await this.desk.storeMail(event);
    const mail = { folder, from, subject, attachments: files?.length ?? 0, at: event.timestamp };
    await this.desk.record(event, { kind: "mail", ...mail }, context);
  }

  @OnAhaSendEvent("*")
  other(event: AhaSendEvent | UnknownEvent, context: DeskContext) {
    return this.desk.record(event, { kind: "other", type: event.type }, context);
  }
}
