import { MAX_KEY_BYTES } from "./statements.js";
import { type TableName, type TableOptions, resolveTableName } from "./table.js";

/**
 * Returns the migration as plain SQL, for a migration tool of your own. With the default names it is the file
 * `migrations/0001_deliveries.sql` of this package. Running it again changes nothing.
 *
 * @throws {TypeError} if MySQL would reject a name
 *
 * @example
 * writeFileSync("migrations/0007_ahasend.sql", migrationSql({ schema: "mail" }));
 */
export function migrationSql(options: TableOptions = {}): string {
  const name = resolveTableName(options);
  return [...(name.schema === undefined ? [] : [createSchemaSql(name.schema)]), createTableSql(name)]
    .map((statement) => `${statement};\n`)
    .join("");
}

/** The columns of the table of the receipts, with the types that matter for their comparison. */
export const COLUMNS: Readonly<Record<string, string | undefined>> = {
  key: "varbinary",
  token: "varbinary",
  attempt: undefined,
  leased_until: "bigint",
  done: undefined,
  keep_until: "bigint",
};

/** Returns the statement that creates a database. It needs another right than creating a table, even if it exists. */
export function createSchemaSql(schema: string): string {
  return `CREATE DATABASE IF NOT EXISTS ${schema}`;
}

/** Returns the statement that creates the table. */
export function createTableSql({ table }: TableName): string {
  return `\
-- One row for each delivery of AhaSend: its owner, or that it is done.
CREATE TABLE IF NOT EXISTS ${table} (
  -- The name of the endpoint, a colon, and the header webhook-id. Bytes: a collation could treat two keys as equal.
  \`key\` varbinary(${MAX_KEY_BYTES}) NOT NULL PRIMARY KEY,
  -- The owner that handles it; null if there is none.
  token varbinary(${MAX_KEY_BYTES}),
  -- The number of claims.
  attempt int NOT NULL DEFAULT 1,
  -- Times are in milliseconds since 1970.
  leased_until bigint,
  done boolean NOT NULL DEFAULT false,
  -- The row may be deleted after this time.
  keep_until bigint NOT NULL,
  KEY keep_until (keep_until)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC`;
}
