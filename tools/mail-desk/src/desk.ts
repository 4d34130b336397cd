import type { AhaSendEventOf } from "@ahasend-webhooks/core";

import type { DeskContext, DeskView, Entries, Entry } from "./entries.js";
import { storeMail } from "./inbox.js";

/** The application behind the webhooks: who must not be written to, who opens mail, what has arrived. */
export class Desk {
  readonly #entries: Entries;
  readonly #inbox: string;

  /** @param inbox the folder for inbound mail */
  constructor(entries: Entries, inbox: string) {
    this.#entries = entries;
    this.#inbox = inbox;
  }

  /** Records what happened. On PostgreSQL the entry and the receipt of the delivery are one transaction. */
  record(entry: Entry, context: DeskContext): Promise<void> {
    return this.#entries.add({ deliveryId: context.deliveryId, ...entry }, context);
  }

  /** Stores an inbound email with its attachments and returns the name of its folder. */
  storeMail(mail: AhaSendEventOf<"message.routing">["data"]): Promise<string> {
    return storeMail(this.#inbox, mail);
  }

  view(): Promise<DeskView> {
    return this.#entries.view();
  }

  /** Returns the counts, for monitoring. */
  async stats(): Promise<Pick<DeskView, "opens" | "others">> {
    const { opens, others } = await this.view();
    return { opens, others };
  }
}
