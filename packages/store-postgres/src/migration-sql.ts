import { type TableName, type TableOptions, resolveTableName } from "./table.js";

/**
 * The migration as plain SQL, for those who use a tool of their own; with the default names it is the file
 * `migrations/0001_deliveries.sql` of this package. Running it again changes nothing.
 *
 * @throws {TypeError} for a name that PostgreSQL would refuse or cut off
 *
 * @example
 * writeFileSync("migrations/0007_ahasend.sql", migrationSql({ schema: "mail" }));
 */
export function migrationSql(options: TableOptions = {}): string {
  const name = resolveTableName(options);
  return createMigrationSql(name, { withSchema: name.schema !== '"public"' });
}

/** The SQL that creates the table, with or without its schema: that needs a right of its own, even where it exists. */
export function createMigrationSql(
  { schema, table, index }: TableName,
  { withSchema }: { withSchema: boolean },
): string {
  return `\
-- One row for each delivery of AhaSend: who handles it, or that it is done.
${withSchema ? `CREATE SCHEMA IF NOT EXISTS ${schema};\n` : ""}\
CREATE TABLE IF NOT EXISTS ${table} (
  -- The name of the endpoint, a colon and the header webhook-id.
  key text COLLATE "C" PRIMARY KEY,
  -- Who handles it; null when nobody does.
  token text,
  -- How often it was claimed.
  attempt integer NOT NULL DEFAULT 1,
  leased_until timestamptz,
  done boolean NOT NULL DEFAULT false,
  -- When the row may go.
  keep_until timestamptz NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX IF NOT EXISTS ${index} ON ${table} (keep_until);
`;
}
