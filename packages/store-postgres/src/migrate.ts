import type { Database } from "./database/database.js";
import { explainMigrationError } from "./errors.js";
import { readFirstRow } from "./parse-result.js";
import type { TableName } from "./table.js";

/** A table that can be created. */
export interface TableDefinition {
  name: TableName;
  /** The columns that it must have if it exists. */
  columns: readonly string[];
  /** Returns the statements that create it, optionally with its schema: that needs another right, even if it exists. */
  createStatements: (options: { withSchema: boolean }) => string[];
}

/** Parameters: schema, table. Returns whether the schema exists, and the columns of the table. */
const INSPECT = `
SELECT CASE WHEN to_regnamespace($1::text) IS NULL THEN 'missing' ELSE 'exists' END AS schema, coalesce((
  SELECT string_agg(attname::text, ' ') FROM pg_attribute
  WHERE attrelid = to_regclass($2::text) AND attnum > 0 AND NOT attisdropped
), '') AS columns`;

/**
 * Serializes processes that start together. Reading the catalog afterwards makes the server discard what it has cached since
 * INSPECT, such as that the schema does not exist. Both return strings: Prisma refuses a result of type void.
 */
const LOCK = [
  "SELECT pg_advisory_xact_lock(hashtextextended('ahasend-webhooks/migrate', 0))::text AS lock",
  "SELECT nspname::text AS name FROM pg_namespace LIMIT 0",
];

/**
 * Creates the table unless it exists, so that a role without the right to create one can call it, too.
 *
 * @throws {Error} that says what is missing and how to fix it
 */
export async function migrate(
  database: Pick<Database<unknown>, "query" | "script">,
  { name, columns: required, createStatements }: TableDefinition,
): Promise<void> {
  const { schema, table } = name;
  const inspection = await database.query(INSPECT, [schema, table]);
  const [schemaState, columns = ""] = readFirstRow(inspection);
  if (columns !== "") {
    const missing = required.filter((column) => !columns.split(" ").includes(column));
    if (missing.length === 0) return;
    throw new Error(
      `The table ${table} exists without the columns ${missing.join(", ")}: set the options schema and table to a name that is not in use, or rename the existing table.`,
    );
  }
  const create = createStatements({ withSchema: schemaState !== "exists" });
  await database.script([...LOCK, ...create]).catch((error: unknown) => {
    throw explainMigrationError(error, name);
  });
}

/** Joins statements to a script for a migration tool. */
export function toScript(statements: readonly string[]): string {
  return statements.map((statement) => `${statement};\n`).join("");
}
