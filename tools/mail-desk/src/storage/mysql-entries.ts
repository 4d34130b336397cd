import type { MessageStatus } from "@ahasend-webhooks/mail";
import type { Pool, RowDataPacket } from "mysql2/promise";

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

/** Entries in MySQL or MariaDB, for any number of machines. */
export class MysqlEntries implements Entries {
  readonly #pool: Pool;

  private constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** Creates the tables if they do not exist. */
  static async open(pool: Pool): Promise<MysqlEntries> {
    await pool.query(`
      CREATE TABLE IF NOT EXISTS desk_entries (
        id bigint AUTO_INCREMENT PRIMARY KEY,
        kind varchar(20) NOT NULL,
        -- Entries of a kind are counted by it, or replace each other.
        name varchar(500) NOT NULL,
        entry longtext NOT NULL,
        KEY (kind, id)
      ) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`);
    await pool.query(`
      CREATE TABLE IF NOT EXISTS desk_messages (
        id varchar(600) PRIMARY KEY,
        recipient varchar(600) NOT NULL,
        status longtext NOT NULL,
        KEY (recipient)
      ) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`);
    return new MysqlEntries(pool);
  }

  /** Writes in the transaction that also writes the receipt of the delivery: both are kept, or neither. */
  async add(entry: RecordedEntry, { client }: StorageContext): Promise<void> {
    if (client !== undefined) return addEntry(client, entry);
    const own = await this.#pool.getConnection();
    try {
      await own.beginTransaction();
      await addEntry(own, entry);
      await own.commit();
      own.release();
    } catch (error) {
      // The connection may be in any state: closing it ends the transaction.
      own.destroy();
      throw error;
    }
  }

  async view(): Promise<DeskView> {
    const [opens, others, messages, suppressions, mails] = await Promise.all([
      this.#count("opened"),
      this.#count("other"),
      this.#countMessages(),
      this.#select("suppressed"),
      this.#select("mail"),
    ]);
    return { opens: { human: 0, bot: 0, unknown: 0, ...opens }, messages, suppressions, mails, others };
  }

  async #count(kind: Entry["kind"]): Promise<Record<string, number>> {
    const [rows] = await this.#pool.query<RowDataPacket[]>(
      "SELECT name, count(*) AS entries FROM desk_entries WHERE kind = ? GROUP BY name ORDER BY min(id)",
      [kind],
    );
    return Object.fromEntries(rows.map(({ name, entries }) => [name as string, Number(entries)]));
  }

  /** A complaint names no message: it counts for the last one to its sender. */
  async #countMessages(): Promise<DeskView["messages"]> {
    const [rows] = await this.#pool.query<RowDataPacket[]>(`
      SELECT IF(position = 1 AND recipient IN (
        SELECT name FROM desk_entries WHERE kind = 'suppressed' AND JSON_VALUE(entry, '$.reason') = 'complaint'
      ), 'complained', state) AS state, count(*) AS messages
      FROM (
        SELECT recipient, JSON_VALUE(status, '$.state') AS state,
          row_number() OVER (PARTITION BY recipient ORDER BY JSON_VALUE(status, '$.since') DESC) AS position
        FROM desk_messages
      ) AS ranked GROUP BY 1`);
    return Object.fromEntries(rows.map(({ state, messages }) => [state as string, Number(messages)]));
  }

  /** Returns the last entry of each name. */
  async #select<Kind extends Entry["kind"]>(kind: Kind): Promise<EntryOfKind<Kind>[]> {
    const [rows] = await this.#pool.query<RowDataPacket[]>(
      `SELECT entry FROM desk_entries
       WHERE kind = ? AND id IN (SELECT max(id) FROM desk_entries GROUP BY kind, name)
       ORDER BY id DESC LIMIT ?`,
      [kind, LIST_LENGTH],
    );
    return rows.map(({ entry }) => JSON.parse(entry as string) as EntryOfKind<Kind>);
  }
}

async function addEntry(client: SqlClient, entry: RecordedEntry): Promise<void> {
  await client.query("INSERT INTO desk_entries (kind, name, entry) VALUES (?, ?, ?)", [
    entry.kind,
    toName(entry).slice(0, 500),
    JSON.stringify(entry),
  ]);
  if (entry.message !== undefined) await changeStatus(client, entry.message);
}

/** Holds the row of the message: of two events at the same time, the second sees the status of the first. */
async function changeStatus(client: SqlClient, change: MessageChange): Promise<void> {
  const key = change.key.slice(0, 600);
  const first = JSON.stringify(applyChange(undefined, change));
  await client.query(
    "INSERT INTO desk_messages (id, recipient, status) VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE id = id",
    [key, readRecipient(key), first],
  );
  // Repeating a change is harmless, and the number of affected rows depends on the options of the client.
  const [rows] = (await client.query("SELECT status FROM desk_messages WHERE id = ? FOR UPDATE", [key])) as [
    { status: string }[],
  ];
  const previous = rows[0] && (JSON.parse(rows[0].status) as MessageStatus);
  const status = JSON.stringify(applyChange(previous, change));
  await client.query("UPDATE desk_messages SET status = ? WHERE id = ?", [status, key]);
}

function toName(entry: Entry): string {
  switch (entry.kind) {
    case "suppressed":
      return entry.recipient.toLowerCase();
    case "opened":
      return entry.by;
    case "other":
      return entry.type;
    default:
      return entry.folder;
  }
}
