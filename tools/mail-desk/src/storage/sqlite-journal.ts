import { setImmediate as nextTurn } from "node:timers/promises";

import type { SqliteLike, SqliteStatementLike } from "@ahasend-webhooks/store-sqlite";

import type { RecordedEntry } from "../entries.js";
import type { Journal } from "./journal.js";

/** A table of entries as JSON, in the file of the inbox. */
export class SqliteJournal implements Journal {
  readonly #insert: SqliteStatementLike;
  readonly #select: SqliteStatementLike;
  #waiting: string[] = [];
  #flushed: Promise<void> | undefined;
  /** The id of the last row read. */
  #position = 0;

  /** @param db a connection on which an inbox is open: so each write is flushed to the disk */
  constructor(db: SqliteLike) {
    db.exec("CREATE TABLE IF NOT EXISTS desk_entries (id INTEGER PRIMARY KEY, entry TEXT NOT NULL)");
    this.#insert = db.prepare("INSERT INTO desk_entries (entry) SELECT value FROM json_each(?)");
    this.#select = db.prepare("SELECT id, entry FROM desk_entries WHERE id > ? ORDER BY id");
  }

  append(entry: RecordedEntry): Promise<void> {
    this.#waiting.push(JSON.stringify(entry));
    this.#flushed ??= nextTurn().then(() => this.#flush());
    return this.#flushed;
  }

  async read(): Promise<RecordedEntry[]> {
    const rows = this.#select.all(this.#position) as { id: number; entry: string }[];
    this.#position = rows.at(-1)?.id ?? this.#position;
    return rows.map(({ entry }) => JSON.parse(entry) as RecordedEntry);
  }

  /** All entries of one turn of the event loop are one transaction, and so one flush to the disk. */
  #flush(): void {
    const entries = JSON.stringify(this.#waiting);
    this.#waiting = [];
    this.#flushed = undefined;
    this.#insert.run(entries);
  }
}
