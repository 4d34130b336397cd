import type { Pool, RowDataPacket } from "mysql2/promise";

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

/** Entries in MySQL or MariaDB, for any number of machines. */
export class MysqlEntries implements Entries {
  readonly #pool: Pool;

  private constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** Creates the table if it does not exist. */
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
    return new MysqlEntries(pool);
  }

  /** Writes in the transaction that also writes the receipt of the delivery: both are kept, or neither. */
  async add(entry: RecordedEntry, { client }: StorageContext): Promise<void> {
    const writer: SqlClient = client ?? this.#pool;
    await writer.query("INSERT INTO desk_entries (kind, name, entry) VALUES (?, ?, ?)", [
      entry.kind,
      toName(entry).slice(0, 500),
      JSON.stringify(entry),
    ]);
  }

  async view(): Promise<DeskView> {
    const [opens, others, suppressions, mails] = await Promise.all([
      this.#count("opened"),
      this.#count("other"),
      this.#select("suppressed", "id IN (SELECT max(id) FROM desk_entries GROUP BY kind, name)"),
      this.#select("mail", "TRUE"),
    ]);
    return { opens: { human: 0, bot: 0, unknown: 0, ...opens }, suppressions, mails, others };
  }

  async #count(kind: Entry["kind"]): Promise<Record<string, number>> {
    const [rows] = await this.#pool.query<RowDataPacket[]>(
      "SELECT name, count(*) AS entries FROM desk_entries WHERE kind = ? GROUP BY name ORDER BY min(id)",
      [kind],
    );
    return Object.fromEntries(rows.map(({ name, entries }) => [name as string, Number(entries)]));
  }

  async #select<Kind extends Entry["kind"]>(kind: Kind, condition: string): Promise<EntryOfKind<Kind>[]> {
    const [rows] = await this.#pool.query<RowDataPacket[]>(
      `SELECT entry FROM desk_entries WHERE kind = ? AND ${condition} ORDER BY id DESC LIMIT ?`,
      [kind, LIST_LENGTH],
    );
    return rows.map(({ entry }) => JSON.parse(entry as string) as EntryOfKind<Kind>);
  }
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
      return "";
  }
}
