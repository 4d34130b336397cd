import { type Desk, type DeskView, type Entry, type EntryOf, SHOWN } from "./desk.js";
import type { Journal } from "./journal.js";

/** A desk kept in a file: for one machine. */
export class FileDesk implements Desk {
  readonly #journal: Journal;
  readonly #opens = { human: 0, bot: 0, unknown: 0 };
  /** By address in lower case, the newest last. */
  readonly #suppressions = new Map<string, EntryOf<"suppressed">>();
  #mails: EntryOf<"mail">[] = [];
  readonly #others = new Map<string, number>();
  /** Resolves when what had been written at the last call is known. */
  #upToDate = Promise.resolve();

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  record(entry: Entry): Promise<void> {
    return this.#journal.append(entry);
  }

  async view(): Promise<DeskView> {
    // One after the other, or two readers would count an entry twice.
    this.#upToDate = this.#upToDate.catch(() => undefined).then(() => this.#readOn());
    await this.#upToDate;
    return {
      opens: this.#opens,
      suppressions: [...this.#suppressions.values()].slice(-SHOWN).toReversed(),
      mails: this.#mails.toReversed(),
      others: Object.fromEntries(this.#others),
    };
  }

  async #readOn(): Promise<void> {
    for (const entry of await this.#journal.read()) this.#apply(entry);
  }

  #apply(entry: Entry): void {
    switch (entry.kind) {
      case "suppressed": {
        const address = entry.recipient.toLowerCase();
        this.#suppressions.delete(address);
        this.#suppressions.set(address, entry);
        break;
      }
      case "opened":
        this.#opens[entry.by] += 1;
        break;
      case "mail":
        this.#mails = [...this.#mails, entry].slice(-SHOWN);
        break;
      case "other":
        this.#others.set(entry.type, (this.#others.get(entry.type) ?? 0) + 1);
        break;
    }
  }
}
