import type { Queryable } from "./pg-like.js";
import { explainError, explainMigrationError } from "./errors.js";
import { readFirstRow } from "./parse-result.js";
import type { TableName } from "./table.js";

/** A table that can be created. */
export interface TableDefinition {
  name: TableName;
  /** The columns that it must have if it exists. */
  columns: readonly string[];
  /** Returns the SQL that creates the table, optionally with its schema: that needs another right, even if it exists. */
  createSql: (options: { withSchema: boolean }) => string;
}

/** Parameters: schema, table. Returns whether the schema exists, and the columns of the table. */
const INSPECT = `
SELECT CASE WHEN to_regnamespace($1) IS NULL THEN 'missing' ELSE 'exists' END AS schema, coalesce((
  SELECT string_agg(attname::text, ' ') FROM pg_attribute
  WHERE attrelid = to_regclass($2) AND attnum > 0 AND NOT attisdropped
), '') AS columns`;

/**
 * Creates the table unless it exists, so that a role without the right to create one can call it, too.
 *
 * @throws {Error} that says what is missing and how to fix it
 */
export async function migrate(
  pool: Queryable,
  { name, columns: required, createSql }: TableDefinition,
): Promise<void> {
  const { schema, table } = name;
  const inspection = await pool.query({ text: INSPECT, values: [schema, table] }).catch((error: unknown) => {
    throw explainError(error, name);
  });
  const [schemaState, columns = ""] = readFirstRow(inspection);
  if (columns !== "") {
    const missing = required.filter((column) => !columns.split(" ").includes(column));
    if (missing.length === 0) return;
    throw new Error(
      `The table ${table} exists without the columns ${missing.join(", ")}: set the options schema and table to a name that is not in use, or rename the existing table.`,
    );
  }
  // A query without parameters is one transaction; the lock serializes processes that start together. Reading the catalog
  // afterwards makes the server discard what it has cached since INSPECT, such as that the schema does not exist.
  const lock =
    "SELECT pg_advisory_xact_lock(hashtextextended('ahasend-webhooks/migrate', 0));\nSELECT FROM pg_namespace LIMIT 0";
  const create = createSql({ withSchema: schemaState !== "exists" });
  await pool.query({ text: `${lock};\n${create}` }).catch((error: unknown) => {
    throw explainMigrationError(error, name);
  });
}
