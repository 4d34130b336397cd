import { randomUUID } from "node:crypto";

import type { SqliteConnection } from "./connection.js";
import type { SqliteStatementLike } from "./sqlite-like.js";
import type { TableName } from "./table-name.js";

/** The key of what identifies the process, also for other copies of this package in it. */
const PROCESS_ID = Symbol.for("@ahasend-webhooks/store-sqlite/process-id");

/**
 * The process that works on an inbox: a table with one row. The lock of the database does not suffice, because the system ends all
 * locks of a process on a file when the process closes the file anywhere, such as after reading or copying it.
 *
 * Source: https://www.sqlite.org/howtocorrupt.html, "Posix advisory locks canceled by a separate thread doing close()"
 */
export class InboxOwner {
  readonly #forget: SqliteStatementLike;
  readonly #insert: SqliteStatementLike;
  readonly #find: SqliteStatementLike;
  readonly #processId = findProcessId();

  /** Creates the table unless it exists. @throws {Error} */
  constructor(connection: SqliteConnection, { owner }: TableName) {
    connection.exec(`CREATE TABLE IF NOT EXISTS ${owner} (process_id TEXT NOT NULL) STRICT`);
    this.#forget = connection.prepare(`DELETE FROM ${owner}`);
    this.#insert = connection.prepare(`INSERT INTO ${owner} (process_id) VALUES (?)`);
    this.#find = connection.prepare(`SELECT 1 FROM ${owner} WHERE process_id = ?`);
  }

  /** Makes this process the owner. Call it in a transaction. */
  claim(): void {
    this.#forget.run();
    this.#insert.run(this.#processId);
  }

  /** Call it in the transaction that needs it. @throws {Error} if another process has become the owner */
  assertOwned(): void {
    if (this.#find.all(this.#processId).length > 0) return;
    throw new Error(
      "The database has become the inbox of another process, so that this one handles nothing more: end one of them. Reading or copying the files of the database in this process has ended its lock: copy a database with VACUUM INTO.",
    );
  }
}

function findProcessId(): string {
  const known = globalThis as { [PROCESS_ID]?: string };
  return (known[PROCESS_ID] ??= randomUUID());
}
