import { type MessageStatus, messageStates } from "@ahasend-webhooks/mail";

import {
  type DeskView,
  type Entries,
  type EntryOfKind,
  LIST_LENGTH,
  type RecordedEntry,
  applyChange,
  readRecipient,
} from "../entries.js";
import type { Journal } from "./journal.js";

/** Entries in a journal, for one machine. */
export class JournalEntries implements Entries {
  readonly #journal: Journal;
  readonly #opens = { human: 0, bot: 0, unknown: 0 };
  /** By lower-case address, the newest last. */
  readonly #suppressions = new Map<string, EntryOfKind<"suppressed">>();
  readonly #statuses = new Map<string, MessageStatus>();
  /** The lower-case addresses of those who have complained. */
  readonly #complaints = new Set<string>();
  /** By folder, the newest last. */
  readonly #mails = new Map<string, EntryOfKind<"mail">>();
  readonly #others = new Map<string, number>();
  /** Resolves when the entries that existed at the last call have been read. */
  #upToDate = Promise.resolve();

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  add(entry: RecordedEntry): Promise<void> {
    return this.#journal.append(entry);
  }

  async view(): Promise<DeskView> {
    // One at a time, or two readers would count an entry twice.
    this.#upToDate = this.#upToDate.catch(() => undefined).then(() => this.#readNew());
    await this.#upToDate;
    return {
      opens: this.#opens,
      suppressions: [...this.#suppressions.values()].slice(-LIST_LENGTH).toReversed(),
      messages: this.#countMessages(),
      mails: [...this.#mails.values()].slice(-LIST_LENGTH).toReversed(),
      others: Object.fromEntries(this.#others),
    };
  }

  async #readNew(): Promise<void> {
    for (const entry of await this.#journal.read()) this.#apply(entry);
  }

  /** A complaint names no message: it counts for the last one to its sender. */
  #countMessages(): DeskView["messages"] {
    const lastTo = new Map<string, MessageStatus>();
    for (const [key, status] of this.#statuses) {
      const recipient = readRecipient(key);
      if (status.since >= (lastTo.get(recipient)?.since ?? "")) lastTo.set(recipient, status);
    }
    const complained = new Set([...this.#complaints].map((recipient) => lastTo.get(recipient)));
    const states = [...this.#statuses.values()].map((status) =>
      complained.has(status) ? "complained" : status.state,
    );
    const counts = messageStates.map(
      (state) => [state, states.filter((one) => one === state).length] as const,
    );
    return Object.fromEntries(counts.filter(([, count]) => count > 0));
  }

  #apply(entry: RecordedEntry): void {
    if (entry.message !== undefined) {
      const { key } = entry.message;
      this.#statuses.set(key, applyChange(this.#statuses.get(key), entry.message));
    }
    switch (entry.kind) {
      case "suppressed": {
        const address = entry.recipient.toLowerCase();
        this.#suppressions.delete(address);
        this.#suppressions.set(address, entry);
        if (entry.reason === "complaint") this.#complaints.add(address);
        break;
      }
      case "opened":
        this.#opens[entry.by] += 1;
        break;
      case "mail":
        this.#mails.delete(entry.folder);
        this.#mails.set(entry.folder, entry);
        break;
      case "other":
        this.#others.set(entry.type, (this.#others.get(entry.type) ?? 0) + 1);
        break;
    }
  }
}
