import type { SqliteConnection } from "./connection.js";
import type { SqliteStatementLike } from "./sqlite-like.js";
import type { TableName } from "./table-name.js";

/**
 * The states of a row: `waiting` for its time, `blocked` behind another delivery with its ordering key, `active`, `dead`, and
 * `handled`, which has no body and is kept to recognize duplicates. At most one row of an ordering key is waiting or active.
 */
const PENDING = "state IN ('waiting', 'blocked', 'active')";

/** Creates the table of an inbox and its indexes unless they exist. */
export function createInboxTable(connection: SqliteConnection, { table, index }: TableName): void {
  connection.exec(`
CREATE TABLE IF NOT EXISTS ${table} (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  endpoint TEXT NOT NULL,
  delivery_id TEXT NOT NULL,
  type TEXT NOT NULL,
  sent_at INTEGER NOT NULL,
  ordering_key TEXT,
  body BLOB,
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  due_at INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  handled_at INTEGER,
  error TEXT,
  UNIQUE (endpoint, delivery_id)
) STRICT;
CREATE INDEX IF NOT EXISTS ${index("due")} ON ${table} (due_at, id) WHERE state = 'waiting';
CREATE INDEX IF NOT EXISTS ${index("order")} ON ${table} (ordering_key, id)
  WHERE ordering_key IS NOT NULL AND ${PENDING};
CREATE INDEX IF NOT EXISTS ${index("pending")} ON ${table} (received_at) WHERE ${PENDING};
CREATE INDEX IF NOT EXISTS ${index("handled")} ON ${table} (handled_at) WHERE state = 'handled';
CREATE INDEX IF NOT EXISTS ${index("dead")} ON ${table} (id) WHERE state = 'dead'`);
}

/** The statements of an inbox. Their parameters have no numbers: better-sqlite3 takes those for names. */
export type InboxStatements = ReturnType<typeof prepareInboxStatements>;

/** Prepares the statements of an inbox. */
export function prepareInboxStatements(connection: SqliteConnection, { table }: TableName) {
  const isHeld = (key: string, states: string) =>
    `EXISTS (SELECT 1 FROM ${table} AS o WHERE o.ordering_key = ${key} AND o.${PENDING} AND o.state IN (${states}))`;
  const statements = {
    /** Parameters: endpoint, id, type, sent, key, body, now, now, key. */
    accept: `
INSERT INTO ${table} (endpoint, delivery_id, type, sent_at, ordering_key, body, due_at, received_at, state)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, CASE WHEN ${isHeld("?", "'waiting', 'blocked', 'active'")} THEN 'blocked' ELSE 'waiting' END)
ON CONFLICT (endpoint, delivery_id) DO NOTHING`,

    /** Parameters: now, types as JSON, 1 for all types but these, limit. */
    take: `
UPDATE ${table} SET state = 'active', attempts = attempts + 1 WHERE id IN (
  SELECT id FROM ${table} WHERE state = 'waiting' AND due_at <= ?
    AND (type IN (SELECT value FROM json_each(?))) <> ?
  ORDER BY due_at, id LIMIT ?
) RETURNING id, endpoint, delivery_id, type, sent_at, body, attempts, due_at`,

    /** Parameters: types as JSON, 1 for all types but these. */
    nextDue: `
SELECT due_at FROM ${table} WHERE state = 'waiting' AND (type IN (SELECT value FROM json_each(?))) <> ?
ORDER BY due_at LIMIT 1`,

    /** Parameters: now, id, attempt. */
    handled: `
UPDATE ${table} SET state = 'handled', body = NULL, error = NULL, handled_at = ?
WHERE id = ? AND state = 'active' AND attempts = ?`,

    /** Parameters: state, due, error, id, attempt. */
    failed: `
UPDATE ${table} SET state = ?, due_at = ?, error = ? WHERE id = ? AND state = 'active' AND attempts = ?`,

    /** Makes the next delivery with the ordering key of one that is handled or dead wait. Parameters: id. */
    unblockNext: `
UPDATE ${table} SET state = 'waiting' WHERE id = (
  SELECT min(o.id) FROM ${table} AS d JOIN ${table} AS o ON o.ordering_key = d.ordering_key
  WHERE d.id = ? AND o.${PENDING} AND o.state = 'blocked'
)`,

    /** Makes the first delivery of each ordering key wait, unless one is waiting or active. */
    unblockAll: `
UPDATE ${table} SET state = 'waiting' WHERE id IN (
  SELECT min(b.id) FROM ${table} AS b WHERE b.${PENDING} AND b.state = 'blocked'
    AND NOT ${isHeld("b.ordering_key", "'waiting', 'active'")}
  GROUP BY b.ordering_key
)`,

    /** Parameters: error, max attempts. */
    bury: `
UPDATE ${table} SET state = 'dead', error = coalesce(error, ?) WHERE state = 'active' AND attempts >= ?`,

    free: `UPDATE ${table} SET state = 'waiting' WHERE state = 'active'`,

    stats: `
SELECT count(*) AS pending, count(*) FILTER (WHERE state = 'active') AS active, min(received_at) AS oldest
FROM ${table} WHERE ${PENDING}`,

    countDead: `SELECT count(*) AS dead FROM ${table} WHERE state = 'dead'`,

    /** Parameters: limit. */
    list: `
SELECT id, endpoint, delivery_id, type, attempts, error, received_at FROM ${table}
WHERE state = 'dead' ORDER BY id LIMIT ?`,

    /** Parameters: id. */
    inspect: `
SELECT id, endpoint, delivery_id, type, attempts, error, received_at, body FROM ${table}
WHERE state = 'dead' AND id = ?`,

    /** Follow it with `unblockAll`. Parameters: now, ids as JSON or null for all, the same. */
    replay: `
UPDATE ${table} SET attempts = 0, error = NULL, due_at = ?,
  state = CASE WHEN ordering_key IS NULL THEN 'waiting' ELSE 'blocked' END
WHERE state = 'dead' AND (? IS NULL OR id IN (SELECT value FROM json_each(?)))`,

    /** Parameters: now, ids as JSON or null for all, the same. */
    discard: `
UPDATE ${table} SET state = 'handled', body = NULL, error = NULL, handled_at = ?
WHERE state = 'dead' AND (? IS NULL OR id IN (SELECT value FROM json_each(?)))`,

    /** Parameters: handled before, rows. */
    sweep: `
DELETE FROM ${table} WHERE id IN (
  SELECT id FROM ${table} WHERE state = 'handled' AND handled_at < ? ORDER BY handled_at LIMIT ?
)`,
  };
  const entries = Object.entries(statements).map(([name, sql]) => [name, connection.prepare(sql)]);
  return Object.fromEntries(entries) as Record<keyof typeof statements, SqliteStatementLike>;
}
