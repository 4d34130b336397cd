import { toScript } from "../migrate.js";
import { type InboxTableName, type InboxTableOptions, resolveInboxTableName } from "./inbox-table-name.js";

/**
 * Returns the migration of an inbox as plain SQL, for a migration tool of your own. With the default names it is the file
 * `migrations/0001_inbox.sql` of this package. Running it again changes nothing.
 *
 * @throws {TypeError} if PostgreSQL would reject or truncate a name
 *
 * @example
 * writeFileSync("migrations/0008_ahasend_inbox.sql", inboxMigrationSql({ schema: "mail" }));
 */
export function inboxMigrationSql(options: InboxTableOptions = {}): string {
  const name = resolveInboxTableName(options);
  return toScript(createInboxMigrationStatements(name, { withSchema: name.schema !== '"public"' }));
}

/** The columns of the table of an inbox. */
export const INBOX_COLUMNS = [
  "id",
  "endpoint",
  "delivery_id",
  "type",
  "sent_at",
  "received_at",
  "ordering_key",
  "body",
  "state",
  "attempts",
  "fence",
  "due_at",
  "keep_until",
  "error",
];

/** The rows that are waiting or being handled. Statements repeat it word for word, so that they can use the indexes. */
export const LIVE = "state IN ('waiting', 'active')";

/** Returns the statements that create the table, optionally with its schema: that needs another right, even if it exists. */
export function createInboxMigrationStatements(
  { schema, table, index, dueIndex, activeIndex, orderIndex, deadIndex }: InboxTableName,
  { withSchema }: { withSchema: boolean },
): string[] {
  return [
    ...(withSchema ? [`CREATE SCHEMA IF NOT EXISTS ${schema}`] : []),
    `-- One row for each delivery of AhaSend that was accepted, to be handled by a worker.
CREATE TABLE IF NOT EXISTS ${table} (
  -- The order of arrival.
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  endpoint text COLLATE "C" NOT NULL,
  -- The header webhook-id.
  delivery_id text COLLATE "C" NOT NULL,
  type text COLLATE "C" NOT NULL,
  sent_at timestamptz NOT NULL,
  received_at timestamptz NOT NULL,
  -- A hash of the key within which deliveries are handled in order.
  ordering_key text COLLATE "C",
  -- The signed bytes; null when they are no longer needed.
  body bytea,
  -- waiting, active, dead or done.
  state text COLLATE "C" NOT NULL DEFAULT 'waiting',
  attempts integer NOT NULL DEFAULT 0,
  -- Counts how often a worker has taken it, so that only the last one can write a result.
  fence bigint NOT NULL DEFAULT 0,
  -- A worker may take it after this time: of an active one, the end of the lease.
  due_at timestamptz NOT NULL,
  -- A row that is done may be deleted after this time.
  keep_until timestamptz,
  error text,
  UNIQUE (endpoint, delivery_id)
) WITH (autovacuum_vacuum_scale_factor = 0.02)`,
    `ALTER TABLE ${table} ALTER COLUMN body SET STORAGE EXTERNAL`,
    `CREATE INDEX IF NOT EXISTS ${dueIndex} ON ${table} (due_at, id) WHERE ${LIVE}`,
    `CREATE INDEX IF NOT EXISTS ${orderIndex} ON ${table} (ordering_key, id)
  WHERE ordering_key IS NOT NULL AND ${LIVE}`,
    `-- One at a time for each ordering key.
CREATE UNIQUE INDEX IF NOT EXISTS ${activeIndex} ON ${table} (ordering_key) WHERE state = 'active'`,
    `CREATE INDEX IF NOT EXISTS ${deadIndex} ON ${table} (id) WHERE state = 'dead'`,
    `CREATE INDEX IF NOT EXISTS ${index} ON ${table} (keep_until) WHERE state = 'done'`,
  ];
}
