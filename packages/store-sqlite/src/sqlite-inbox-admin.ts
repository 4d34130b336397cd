import type { InboxAdmin } from "@ahasend-webhooks/core";

import { assertDatabase } from "./assert-database.js";
import { SqliteConnection } from "./connection.js";
import { createDeadLetters } from "./dead-letters.js";
import { explainError, readMessage } from "./errors.js";
import { prepareInboxStatements } from "./inbox-statements.js";
import { type SqliteInboxOptions, resolveSqliteInboxOptions } from "./options.js";
import { readStats } from "./read-stats.js";
import type { SqliteLike } from "./sqlite-like.js";
import type { TableName } from "./table-name.js";

/** Options of {@link sqliteInboxAdmin}. */
export type SqliteInboxAdminOptions = Pick<SqliteInboxOptions, "table">;

/**
 * Opens an inbox for people and scripts that look at it, beside the process that works on it: it takes no lock and creates
 * nothing. The other process notices a replay within a second.
 *
 * @throws {TypeError} if the option is not valid, or `db` is not a connection
 * @throws {Error} if the database does not contain the table of an inbox
 *
 * @example
 * const { stats, deadLetters } = sqliteInboxAdmin(new DatabaseSync("ahasend.db"));
 * console.log(await stats());
 * await deadLetters.replay("all");
 */
export function sqliteInboxAdmin(db: SqliteLike, options: SqliteInboxAdminOptions = {}): InboxAdmin {
  assertDatabase("sqliteInboxAdmin", db);
  const { name, now } = resolveSqliteInboxOptions(options);
  assertTable(db, name);
  const connection = SqliteConnection.of(db);
  const statements = prepareInboxStatements(connection, name);
  return {
    stats: async () => readStats(connection, statements, now),
    deadLetters: createDeadLetters(connection, statements, { now, onReplay: () => undefined }),
  };
}

/** Before anything is changed: a database of something else must stay as it is. */
function assertTable(db: SqliteLike, { table }: TableName): void {
  try {
    db.prepare(`SELECT 1 FROM ${table} LIMIT 0`).all();
  } catch (error) {
    if (!/no such table/.test(readMessage(error))) throw explainError(error);
    throw new Error(
      `The database has no table ${table}: pass the file of the inbox, or set the option table to that of the inbox.`,
      { cause: error },
    );
  }
}
