import {
  type AhaSendEvent,
  type AhaSendEventOf,
  OnAhaSendEvent,
  type UnknownEvent,
} from "@ahasend-webhooks/nestjs";
import { storeMail, type Context, type Desk } from "@ahasend-webhooks/mail-desk";
import { Inject, Injectable } from "@nestjs/common";

/** The token of the desk. */
export const DESK = Symbol("desk");

/** The token of the inbox's folder. */
export const INBOX = Symbol("inbox");

/** What the app does with each event: this is the part that is yours. */
@Injectable()
export class DeskHandlers {
  constructor(
    @Inject(DESK) private readonly desk: Desk,
    @Inject(INBOX) private readonly inbox: string,
  ) {}

  @OnAhaSendEvent("message.bounced")
  bounced({ data, timestamp: at }: AhaSendEventOf<"message.bounced">, context: Context): Promise<void> {
    const { deliveryId } = context;
    const reason = data.delivery_attempt?.classification ?? "bounced";
    return this.desk.record(
      { kind: "suppressed", deliveryId, recipient: data.recipient, reason, at },
      context,
    );
  }

  @OnAhaSendEvent("suppression.created")
  suppressed({ data }: AhaSendEventOf<"suppression.created">, context: Context): Promise<void> {
    const { deliveryId } = context;
    const { recipient, reason, created_at: at, expires_at: until } = data;
    return this.desk.record({ kind: "suppressed", deliveryId, recipient, reason, at, until }, context);
  }

  @OnAhaSendEvent("message.opened")
  opened({ data }: AhaSendEventOf<"message.opened">, context: Context): Promise<void> {
    const by = data.is_bot === undefined ? "unknown" : data.is_bot ? "bot" : "human";
    return this.desk.record({ kind: "opened", deliveryId: context.deliveryId, by }, context);
  }

  @OnAhaSendEvent("message.routing")
  async arrived({ data, timestamp: at }: AhaSendEventOf<"message.routing">, context: Context): Promise<void> {
    const { deliveryId } = context;
    const folder = await storeMail(this.inbox, data);
    const { from, subject } = data;
    const attachments = data.attachments?.length ?? 0;
    await this.desk.record({ kind: "mail", deliveryId, folder, from, subject, attachments, at }, context);
  }

  @OnAhaSendEvent("*")
  other({ type }: AhaSendEvent | UnknownEvent, context: Context): Promise<void> {
    return this.desk.record({ kind: "other", deliveryId: context.deliveryId, type }, context);
  }
}
