import type { SqliteConnection } from "./connection.js";
import type { SqliteStatementLike } from "./sqlite-like.js";
import type { TableName } from "./table-name.js";

/** Creates the table of a store and its index unless they exist. */
export function createStoreTable(connection: SqliteConnection, { table, index }: TableName): void {
  connection.exec(`
CREATE TABLE IF NOT EXISTS ${table} (
  key TEXT PRIMARY KEY,
  token TEXT,
  attempt INTEGER NOT NULL DEFAULT 1,
  leased_until INTEGER NOT NULL DEFAULT 0,
  done INTEGER NOT NULL DEFAULT 0,
  keep_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ${index("keep_until")} ON ${table} (keep_until)`);
}

/** Prepares the statements of a store. Their parameters have no numbers: better-sqlite3 takes those for names. */
export function prepareStoreStatements(connection: SqliteConnection, { table }: TableName) {
  const forgotten = "(keep_until <= ? AND leased_until <= ?)";
  const statements = {
    /** Parameters: key. */
    find: `SELECT token, attempt, leased_until, done, keep_until FROM ${table} WHERE key = ?`,

    /** Parameters: key, token, attempt, leased until, keep until. */
    claim: `
INSERT INTO ${table} (key, token, attempt, leased_until, keep_until) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (key) DO UPDATE SET token = excluded.token, attempt = excluded.attempt, done = 0,
  leased_until = excluded.leased_until, keep_until = excluded.keep_until`,

    /** Parameters: leased until, key, token, now, now. */
    renew: `UPDATE ${table} SET leased_until = ? WHERE key = ? AND token = ? AND NOT ${forgotten}`,

    /** Parameters: key, keep until. */
    commit: `
INSERT INTO ${table} (key, done, keep_until) VALUES (?, 1, ?)
ON CONFLICT (key) DO UPDATE SET done = 1, token = NULL, leased_until = 0, keep_until = excluded.keep_until`,

    /** Parameters: key, token. */
    release: `UPDATE ${table} SET token = NULL, leased_until = 0 WHERE key = ? AND token = ?`,

    /** Parameters: now, now, rows. */
    sweep: `
DELETE FROM ${table} WHERE key IN (
  SELECT key FROM ${table} WHERE ${forgotten} ORDER BY keep_until LIMIT ?
)`,
  };
  const entries = Object.entries(statements).map(([name, sql]) => [name, connection.prepare(sql)]);
  return Object.fromEntries(entries) as Record<keyof typeof statements, SqliteStatementLike>;
}
