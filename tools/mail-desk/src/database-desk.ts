import type { Pool } from "pg";

import { type Context, type Desk, type DeskView, type Entry, type EntryOf, SHOWN } from "./desk.js";

/** A desk kept in PostgreSQL: for any number of machines. */
export class DatabaseDesk implements Desk {
  readonly #pool: Pool;

  private constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** Opens the desk, and makes its table if there is none. */
  static async open(pool: Pool): Promise<DatabaseDesk> {
    await pool.query(`
      SELECT pg_advisory_xact_lock(hashtextextended('desk', 0));
      CREATE TABLE IF NOT EXISTS desk_entries (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        entry jsonb NOT NULL
      );
      CREATE INDEX IF NOT EXISTS desk_entries_kind ON desk_entries ((entry->>'kind'), id)`);
    return new DatabaseDesk(pool);
  }

  /** Writes in the transaction that also writes the receipt of the delivery: both are kept, or neither. */
  async record(entry: Entry, { client }: Context): Promise<void> {
    await (client ?? this.#pool).query("INSERT INTO desk_entries (entry) VALUES ($1)", [storable(entry)]);
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

  async #select<Kind extends Entry["kind"]>(entries: string): Promise<EntryOf<Kind>[]> {
    const { rows } = await this.#pool.query<{ entry: EntryOf<Kind> }>(
      `SELECT entry FROM (${entries}) AS entries ORDER BY id DESC LIMIT $1`,
      [SHOWN],
    );
    return rows.map(({ entry }) => entry);
  }
}

/** PostgreSQL has no NUL and no half characters; a stranger's e-mail may. */
function storable(entry: Entry): string {
  return JSON.stringify(entry, (_key, value: unknown) =>
    typeof value === "string" ? value.replace(/\0|\p{Surrogate}/gu, "\uFFFD") : value,
  );
}
