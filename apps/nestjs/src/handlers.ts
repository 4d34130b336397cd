import {
  type AhaSendEvent,
  type AhaSendEventOf,
  OnAhaSendEvent,
  type UnknownEvent,
} from "@ahasend-webhooks/nestjs";
import { Inject, Injectable } from "@nestjs/common";

import { Desk } from "./desk.js";

/** What the app does with each event: this is the part that is yours. */
@Injectable()
export class DeskHandlers {
  constructor(@Inject(Desk) private readonly desk: Desk) {}

  @OnAhaSendEvent("message.bounced")
  bounced({ data, timestamp }: AhaSendEventOf<"message.bounced">): Promise<void> {
    return this.desk.suppress(data.recipient, data.delivery_attempt?.classification ?? "bounced", timestamp);
  }

  @OnAhaSendEvent("suppression.created")
  suppressed({ data }: AhaSendEventOf<"suppression.created">): Promise<void> {
    return this.desk.suppress(data.recipient, data.reason, data.created_at, data.expires_at);
  }

  @OnAhaSendEvent("message.opened")
  opened({ data }: AhaSendEventOf<"message.opened">): Promise<void> {
    return this.desk.countOpen(data.is_bot);
  }

  @OnAhaSendEvent("message.routing")
  arrived(event: AhaSendEventOf<"message.routing">): Promise<void> {
    return this.desk.saveMail(event);
  }

  @OnAhaSendEvent("*")
  other({ type }: AhaSendEvent | UnknownEvent): Promise<void> {
    return this.desk.countOther(type);
  }
}
