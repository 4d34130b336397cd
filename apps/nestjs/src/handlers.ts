import { type AhaSendEventOf, OnAhaSendEvent } from "@ahasend-webhooks/nestjs";
import { Desk, type DeskContext } from "@ahasend-webhooks/mail-desk";
import { Inject, Injectable } from "@nestjs/common";

/** Handles each event: the part to make your own. */
@Injectable()
export class DeskHandlers {
  constructor(@Inject(Desk) private readonly desk: Desk) {}

  @OnAhaSendEvent("message.bounced")
  bounced({ data, timestamp: at }: AhaSendEventOf<"message.bounced">, context: DeskContext) {
    const reason = data.delivery_attempt?.classification ?? "bounced";
    return this.desk.record({ kind: "suppressed", recipient: data.recipient, reason, at }, context);
  }

  @OnAhaSendEvent("suppression.created")
  suppressed({ data }: AhaSendEventOf<"suppression.created">, context: DeskContext) {
    const { recipient, reason, created_at: at, expires_at: until } = data;
    return this.desk.record({ kind: "suppressed", recipient, reason, at, until }, context);
  }

  @OnAhaSendEvent("message.opened")
  opened({ data }: AhaSendEventOf<"message.opened">, context: DeskContext) {
    const by = data.is_bot === undefined ? "unknown" : data.is_bot ? "bot" : "human";
    return this.desk.record({ kind: "opened", by }, context);
  }

  @OnAhaSendEvent("message.routing")
  async arrived({ data, timestamp: at }: AhaSendEventOf<"message.routing">, context: DeskContext) {
    const { from, subject } = data;
    const attachments = data.attachments?.length ?? 0;
    const folder = await this.desk.storeMail(data);
    await this.desk.record({ kind: "mail", folder, from, subject, attachments, at }, context);
  }

  @OnAhaSendEvent("*")
  other({ type }: { type: string }, context: DeskContext) {
    return this.desk.record({ kind: "other", type }, context);
  }
}
