import { toScript } from "./migrate.js";
import { type TableName, type TableOptions, resolveTableName } from "./table.js";

/**
 * Returns the migration as plain SQL, for a migration tool of your own. With the default names it is the file
 * `migrations/0001_deliveries.sql` of this package. Running it again changes nothing.
 *
 * @throws {TypeError} if PostgreSQL would reject or truncate a name
 *
 * @example
 * writeFileSync("migrations/0007_ahasend.sql", migrationSql({ schema: "mail" }));
 */
export function migrationSql(options: TableOptions = {}): string {
  const name = resolveTableName(options);
  return toScript(createMigrationStatements(name, { withSchema: name.schema !== '"public"' }));
}

/** The columns of the table of the receipts. */
export const COLUMNS = ["key", "token", "attempt", "leased_until", "done", "keep_until"];

/** Returns the statements that create the table, optionally with its schema: that needs another right, even if it exists. */
export function createMigrationStatements(
  { schema, table, index }: TableName,
  { withSchema }: { withSchema: boolean },
): string[] {
  return [
    ...(withSchema ? [`CREATE SCHEMA IF NOT EXISTS ${schema}`] : []),
    `-- One row for each delivery of AhaSend: its owner, or that it is done.
CREATE TABLE IF NOT EXISTS ${table} (
  -- The name of the endpoint, a colon, and the header webhook-id.
  key text COLLATE "C" PRIMARY KEY,
  -- The owner that handles it; null if there is none.
  token text,
  -- The number of claims.
  attempt integer NOT NULL DEFAULT 1,
  leased_until timestamptz,
  done boolean NOT NULL DEFAULT false,
  -- The row may be deleted after this time.
  keep_until timestamptz NOT NULL
) WITH (fillfactor = 80)`,
    `CREATE INDEX IF NOT EXISTS ${index} ON ${table} (keep_until)`,
  ];
}
