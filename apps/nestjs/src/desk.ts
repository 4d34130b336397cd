import { join } from "node:path";

import type { AhaSendEventOf } from "@ahasend-webhooks/nestjs";

import { storeMail } from "./inbox.js";
import { type Entry, Journal } from "./journal.js";

type EntryOf<Kind extends Entry["kind"]> = Extract<Entry, { kind: Kind }>;

/** What the app knows about its mail: whom not to write to, who reads, what came in. */
export class Desk {
  /** By address in lower case. */
  readonly suppressions = new Map<string, EntryOf<"suppressed">>();
  readonly opens = { human: 0, bot: 0, unknown: 0 };
  readonly mails: EntryOf<"mail">[] = [];
  /** All other events, by type. */
  readonly others = new Map<string, number>();

  readonly #journal: Journal;
  readonly #inbox: string;

  private constructor(journal: Journal, inbox: string) {
    this.#journal = journal;
    this.#inbox = inbox;
  }

  /** Opens the desk whose journal and inbox are kept in a folder. */
  static async open(dataDir: string): Promise<Desk> {
    const { journal, entries } = await Journal.open(join(dataDir, "journal.jsonl"));
    const desk = new Desk(journal, join(dataDir, "inbox"));
    for (const entry of entries) desk.#apply(entry);
    return desk;
  }

  /** Whether an address must not be written to now. */
  isSuppressed(recipient: string, now = Date.now()): boolean {
    const entry = this.suppressions.get(recipient.toLowerCase());
    return entry !== undefined && (entry.until === undefined || Date.parse(entry.until) > now);
  }

  async suppress(recipient: string, reason: string, at: string, until?: string): Promise<void> {
    await this.#record({ kind: "suppressed", recipient, reason, at, ...(until !== undefined && { until }) });
  }

  async countOpen(isBot: boolean | undefined): Promise<void> {
    await this.#record({ kind: "opened", by: isBot === undefined ? "unknown" : isBot ? "bot" : "human" });
  }

  async saveMail({ data, timestamp }: AhaSendEventOf<"message.routing">): Promise<void> {
    const folder = await storeMail(this.#inbox, data);
    const { from, subject, attachments } = data;
    await this.#record({
      kind: "mail",
      folder,
      from,
      subject,
      attachments: attachments?.length ?? 0,
      at: timestamp,
    });
  }

  async countOther(type: string): Promise<void> {
    await this.#record({ kind: "other", type });
  }

  async #record(entry: Entry): Promise<void> {
    await this.#journal.append(entry);
    this.#apply(entry);
  }

  #apply(entry: Entry): void {
    switch (entry.kind) {
      case "suppressed":
        this.suppressions.set(entry.recipient.toLowerCase(), entry);
        break;
      case "opened":
        this.opens[entry.by] += 1;
        break;
      case "mail":
        this.mails.push(entry);
        break;
      case "other":
        this.others.set(entry.type, (this.others.get(entry.type) ?? 0) + 1);
        break;
    }
  }
}
