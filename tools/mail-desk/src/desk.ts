import {
  type AhaSendEvent,
  type MessageRoutingEvent,
  PermanentError,
  type UnknownEvent,
  isMessageEvent,
} from "@ahasend-webhooks/core";
import { type Suppression, messageKey } from "@ahasend-webhooks/mail";

import type { DeadLetterDesk, FormRequest, ShownDeadLetter } from "./dead-letter-desk.js";
import type { DeskContext, DeskView, Entries, Entry, MessageChange } from "./entries.js";
import { type StoredMail, readMail, readMailFile, storeMail } from "./inbox.js";

/** Where a desk keeps what it knows. */
export interface DeskOptions {
  entries: Entries;
  /** The folder for inbound mail. */
  inbox: string;
  /** Undefined without an inbox for deliveries. */
  deadLetters: DeadLetterDesk | undefined;
  /** Nothing can be recorded for events of this type. */
  failType?: string | undefined;
}

/** The desk as its page shows it. */
export interface DeskPage extends DeskView {
  deadLetters: readonly ShownDeadLetter[] | undefined;
}

/** The application behind the webhooks: who must not be written to, who opens mail, what has arrived. */
export class Desk {
  readonly #options: DeskOptions;

  constructor(options: DeskOptions) {
    this.#options = options;
  }

  /**
   * Records what happened, and the new status of the message if it is about one. On PostgreSQL both and the receipt of the delivery
   * are one transaction.
   */
  async record(event: AhaSendEvent | UnknownEvent, entry: Entry, context: DeskContext): Promise<void> {
    const { entries, failType } = this.#options;
    if (failType !== undefined && readType(context.rawBody) === failType)
      throw new PermanentError(`FAIL_TYPE is ${failType}: leave it out, then replay.`);
    await entries.add({ deliveryId: context.deliveryId, ...entry, ...readChange(event) }, context);
  }

  /** Records an address that must not be written to; without a suppression, only that the event has come. */
  suppress(
    event: AhaSendEvent | UnknownEvent,
    suppression: Suppression | undefined,
    context: DeskContext,
  ): Promise<void> {
    const { type, timestamp: at } = event;
    const entry: Entry =
      suppression === undefined ? { kind: "other", type } : { kind: "suppressed", ...suppression, at };
    return this.record(event, entry, context);
  }

  /** Stores an inbound email with its attachments and returns the name of its folder. */
  storeMail(event: MessageRoutingEvent): Promise<string> {
    return storeMail(this.#options.inbox, event);
  }

  /** Returns a stored mail by the name of its folder. */
  readMail(folder: string): Promise<StoredMail | undefined> {
    return readMail(this.#options.inbox, folder);
  }

  /** Returns a file of a stored mail. */
  readMailFile(folder: string, name: string): ReturnType<typeof readMailFile> {
    return readMailFile(this.#options.inbox, folder, name);
  }

  /** Returns everything that the page shows. */
  async view(): Promise<DeskPage> {
    const { entries, deadLetters } = this.#options;
    const [view, shown] = await Promise.all([entries.view(), deadLetters?.list()]);
    return { ...view, deadLetters: shown };
  }

  /** Returns the counts, for monitoring. */
  async stats(): Promise<Pick<DeskView, "opens" | "messages" | "others">> {
    const { opens, messages, others } = await this.#options.entries.view();
    return { opens, messages, others };
  }

  /** Does what a button of the page asks for. @returns `false` if it does not come from the page: refuse it with 403 */
  async submit(request: FormRequest): Promise<boolean> {
    return (await this.#options.deadLetters?.submit(request)) ?? false;
  }
}

/** The part of a message event that changes the status of its message. */
function readChange(event: AhaSendEvent | UnknownEvent): { message?: MessageChange } {
  if (!isMessageEvent(event)) return {};
  const { type, timestamp, data } = event;
  return { message: { key: messageKey(event), type, timestamp, isBot: data.is_bot } };
}

function readType(rawBody: Uint8Array): unknown {
  return (JSON.parse(Buffer.from(rawBody).toString()) as { type?: unknown }).type;
}
