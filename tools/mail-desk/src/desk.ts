import { type AhaSendEventOf, PermanentError } from "@ahasend-webhooks/core";

import type { DeadLetterDesk, FormRequest, ShownDeadLetter } from "./dead-letter-desk.js";
import type { DeskContext, DeskView, Entries, Entry } from "./entries.js";
import { storeMail } from "./inbox.js";

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

  /** Records what happened. On PostgreSQL the entry and the receipt of the delivery are one transaction. */
  async record(entry: Entry, context: DeskContext): Promise<void> {
    const { entries, failType } = this.#options;
    if (failType !== undefined && readType(context.rawBody) === failType)
      throw new PermanentError(`FAIL_TYPE is ${failType}: leave it out, then replay.`);
    await entries.add({ deliveryId: context.deliveryId, ...entry }, context);
  }

  /** Stores an inbound email with its attachments and returns the name of its folder. */
  storeMail(mail: AhaSendEventOf<"message.routing">["data"]): Promise<string> {
    return storeMail(this.#options.inbox, mail);
  }

  /** Returns everything that the page shows. */
  async view(): Promise<DeskPage> {
    const { entries, deadLetters } = this.#options;
    const [view, shown] = await Promise.all([entries.view(), deadLetters?.list()]);
    return { ...view, deadLetters: shown };
  }

  /** Returns the counts, for monitoring. */
  async stats(): Promise<Pick<DeskView, "opens" | "others">> {
    const { opens, others } = await this.#options.entries.view();
    return { opens, others };
  }

  /** Does what a button of the page asks for. @returns `false` if it does not come from the page: refuse it with 403 */
  async submit(request: FormRequest): Promise<boolean> {
    return (await this.#options.deadLetters?.submit(request)) ?? false;
  }
}

function readType(rawBody: Uint8Array): unknown {
  return (JSON.parse(Buffer.from(rawBody).toString()) as { type?: unknown }).type;
}
