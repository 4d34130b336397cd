import { isDeepStrictEqual } from "node:util";

import type { MessageStatus } from "@ahasend-webhooks/mail";
import type { Pool, QueryResult } from "pg";

import {
  type DeskView,
  type Entries,
  type Entry,
  type EntryOfKind,
  LIST_LENGTH,
  type MessageChange,
  type RecordedEntry,
  type SqlClient,
  type StorageContext,
  applyChange,
  readRecipient,
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
      CREATE TABLE IF NOT EXISTS desk_messages (
        key text PRIMARY KEY,
        recipient text NOT NULL,
        status jsonb NOT NULL
      );
      CREATE INDEX IF NOT EXISTS desk_messages_recipient ON desk_messages (recipient);
      CREATE INDEX IF NOT EXISTS desk_entries_kind ON desk_entries ((entry->>'kind'), id)`);
    return new PostgresEntries(pool);
  }

  /** Writes in the transaction that also writes the receipt of the delivery: both are kept, or neither. */
  async add(entry: RecordedEntry, { client }: StorageContext): Promise<void> {
    if (client !== undefined) return addEntry(client, entry);
    const own = await this.#pool.connect();
    try {
      await own.query("BEGIN");
      await addEntry(own, entry);
      await own.query("COMMIT");
      own.release();
    } catch (error) {
      // The connection may be in any state: closing it ends the transaction.
      own.release(true);
      throw error;
    }
  }

  async view(): Promise<DeskView> {
    const [opens, others, messages, suppressions, mails] = await Promise.all([
      this.#count("opened", "by"),
      this.#count("other", "type"),
      this.#countMessages(),
      this.#select<"suppressed">(`
        SELECT DISTINCT ON (lower(entry->>'recipient')) id, entry FROM desk_entries
        WHERE entry->>'kind' = 'suppressed' ORDER BY lower(entry->>'recipient'), id DESC`),
      this.#select<"mail">(`
        SELECT DISTINCT ON (entry->>'folder') id, entry FROM desk_entries
        WHERE entry->>'kind' = 'mail' ORDER BY entry->>'folder', id DESC`),
    ]);
    return { opens: { human: 0, bot: 0, unknown: 0, ...opens }, messages, suppressions, mails, others };
  }

  async #count(kind: Entry["kind"], by: string): Promise<Record<string, number>> {
    const { rows } = await this.#pool.query<{ name: string; count: number }>(
      `SELECT entry->>$2 AS name, count(*)::int FROM desk_entries
       WHERE entry->>'kind' = $1 GROUP BY 1 ORDER BY min(id)`,
      [kind, by],
    );
    return Object.fromEntries(rows.map(({ name, count }) => [name, count]));
  }

  /** A complaint names no message: it counts for the last one to its sender. */
  async #countMessages(): Promise<DeskView["messages"]> {
    const { rows } = await this.#pool.query<{ state: string; count: number }>(`
      WITH complained AS (
        SELECT DISTINCT ON (recipient) key FROM desk_messages
        WHERE recipient IN (
          SELECT lower(entry->>'recipient') FROM desk_entries
          WHERE entry->>'kind' = 'suppressed' AND entry->>'reason' = 'complaint'
        )
        ORDER BY recipient, status->>'since' DESC
      )
      SELECT CASE WHEN key IN (TABLE complained) THEN 'complained' ELSE status->>'state' END AS state, count(*)::int
      FROM desk_messages GROUP BY 1`);
    return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
  }

  async #select<Kind extends Entry["kind"]>(entries: string): Promise<EntryOfKind<Kind>[]> {
    const { rows } = await this.#pool.query<{ entry: EntryOfKind<Kind> }>(
      `SELECT entry FROM (${entries}) AS entries ORDER BY id DESC LIMIT $1`,
      [LIST_LENGTH],
    );
    return rows.map(({ entry }) => entry);
  }
}

async function addEntry(client: SqlClient, entry: RecordedEntry): Promise<void> {
  const { message } = entry;
  const insert = "INSERT INTO desk_entries (entry) VALUES ($1)";
  if (message === undefined) await client.query(insert, [toStorableJson(entry)]);
  else await addMessage(client, { insert, entry, message });
}

interface EntryOfMessage {
  /** Statement that adds the entry, which is `$1`. */
  insert: string;
  entry: RecordedEntry;
  message: MessageChange;
}

/** Holds the row of the message: of two events at the same time, the second sees the status of the first. */
async function addMessage(client: SqlClient, { insert, entry, message }: EntryOfMessage): Promise<void> {
  // An index holds keys of up to 2,700 bytes.
  const key = toStorable(message.key).slice(0, 600);
  const status = applyChange(undefined, message);
  const { rows } = (await client.query(
    `WITH entry AS (${insert})
     INSERT INTO desk_messages AS known (key, recipient, status) VALUES ($2, $3, $4)
     ON CONFLICT (key) DO UPDATE SET status = known.status RETURNING status`,
    [toStorableJson(entry), key, readRecipient(key), toStorableJson(status)],
  )) as QueryResult<{ status: MessageStatus }>;
  const before = rows[0]?.status;
  const after = applyChange(before, message);
  if (isDeepStrictEqual(before, after)) return;
  await client.query("UPDATE desk_messages SET status = $2 WHERE key = $1", [key, toStorableJson(after)]);
}

/** PostgreSQL accepts neither NUL nor lone surrogates, and an inbound email may contain both. */
function toStorableJson(value: object): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === "string" ? toStorable(inner) : inner,
  );
}

function toStorable(value: string): string {
  return value.replace(/\0|\p{Surrogate}/gu, "\uFFFD");
}
