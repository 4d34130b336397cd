import type { Pool } from "pg";

import {
  type DeskView,
  type Entries,
  type Entry,
  type EntryOfKind,
  LIST_LENGTH,
  type RecordedEntry,
  type SqlClient,
  type StorageContext,
} from "../entries.js";

/** Entries in PostgreSQL, for any number of machines. */
export class PostgresEntries implements Entries {
  readonly #pool: Pool;

  private constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** Creates the table if it does not exist. */
  static async open(pool: Pool): Promise<PostgresEntries> {
    await pool.query(`
      SELECT pg_advisory_xact_lock(hashtextextended('desk', 0));
      CREATE TABLE IF NOT EXISTS desk_entries (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        entry jsonb NOT NULL
      );
      CREATE INDEX IF NOT EXISTS desk_entries_kind ON desk_entries ((entry->>'kind'), id)`);
    return new PostgresEntries(pool);
  }

  /** Writes in the transaction that also writes the receipt of the delivery: both are kept, or neither. */
  async add(entry: RecordedEntry, { client }: StorageContext): Promise<void> {
    const writer: SqlClient = client ?? this.#pool;
    await writer.query("INSERT INTO desk_entries (entry) VALUES ($1)", [toStorableJson(entry)]);
  }

  async view(): Promise<DeskView> {
    const [opens, others, suppressions, mails] = await Promise.all([
      this.#count("opened", "by"),
      this.#count("other", "type"),
      this.#select<"suppressed">(`
        SELECT DISTINCT ON (lower(entry->>'recipient')) id, entry FROM desk_entries
        WHERE entry->>'kind' = 'suppressed' ORDER BY lower(entry->>'recipient'), id DESC`),
      this.#select<"mail">("SELECT id, entry FROM desk_entries WHERE entry->>'kind' = 'mail'"),
    ]);
    return { opens: { human: 0, bot: 0, unknown: 0, ...opens }, suppressions, mails, others };
  }

  async #count(kind: Entry["kind"], by: string): Promise<Record<string, number>> {
    const { rows } = await this.#pool.query<{ name: string; count: number }>(
      `SELECT entry->>$2 AS name, count(*)::int FROM desk_entries
       WHERE entry->>'kind' = $1 GROUP BY 1 ORDER BY min(id)`,
      [kind, by],
    );
    return Object.fromEntries(rows.map(({ name, count }) => [name, count]));
  }

  async #select<Kind extends Entry["kind"]>(entries: string): Promise<EntryOfKind<Kind>[]> {
    const { rows } = await this.#pool.query<{ entry: EntryOfKind<Kind> }>(
      `SELECT entry FROM (${entries}) AS entries ORDER BY id DESC LIMIT $1`,
      [LIST_LENGTH],
    );
    return rows.map(({ entry }) => entry);
  }
}

/** PostgreSQL accepts neither NUL nor lone surrogates, and an inbound email may contain both. */
function toStorableJson(entry: RecordedEntry): string {
  return JSON.stringify(entry, (_key, value: unknown) =>
    typeof value === "string" ? value.replace(/\0|\p{Surrogate}/gu, "\uFFFD") : value,
  );
}
