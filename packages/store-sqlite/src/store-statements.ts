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

/** Prepares the statements of a store. Their numbered parameters are positional. */
export function prepareStoreStatements(connection: SqliteConnection, { table }: TableName) {
  const forgotten = (now: string) => `(d.keep_until <= ${now} AND d.leased_until <= ${now})`;
  const statements = {
    /** Parameters: key, token, now, leased until, keep until. */
    claim: `
INSERT INTO ${table} AS d (key, token, leased_until, keep_until) VALUES (?1, ?2, ?4, ?5)
ON CONFLICT (key) DO UPDATE SET
  attempt = CASE
    WHEN ${forgotten("?3")} THEN 1
    WHEN d.token = excluded.token THEN d.attempt
    ELSE d.attempt + 1
  END,
  keep_until = CASE WHEN ${forgotten("?3")} THEN excluded.keep_until ELSE d.keep_until END,
  token = excluded.token,
  leased_until = excluded.leased_until,
  done = 0
WHERE ${forgotten("?3")} OR (NOT d.done AND (d.leased_until <= ?3 OR d.token = excluded.token))
RETURNING attempt`,

    /** Parameters: key. */
    look: `SELECT done, keep_until, leased_until FROM ${table} WHERE key = ?1`,

    /** Parameters: key, token, now, leased until. */
    renew: `
UPDATE ${table} AS d SET leased_until = ?4 WHERE d.key = ?1 AND d.token = ?2 AND NOT ${forgotten("?3")}`,

    /** Parameters: key, keep until. */
    commit: `
INSERT INTO ${table} (key, done, keep_until) VALUES (?1, 1, ?2)
ON CONFLICT (key) DO UPDATE SET done = 1, token = NULL, leased_until = 0, keep_until = excluded.keep_until`,

    /** Parameters: key, token. */
    release: `UPDATE ${table} SET token = NULL, leased_until = 0 WHERE key = ?1 AND token = ?2`,

    /** Parameters: now, rows. */
    sweep: `
DELETE FROM ${table} WHERE key IN (
  SELECT d.key FROM ${table} AS d WHERE ${forgotten("?1")} ORDER BY d.keep_until LIMIT ?2
)`,
  };
  const entries = Object.entries(statements).map(([name, sql]) => [name, connection.prepare(sql)]);
  return Object.fromEntries(entries) as Record<keyof typeof statements, SqliteStatementLike>;
}
