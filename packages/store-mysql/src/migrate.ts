import { COLUMNS, createSchemaSql, createTableSql } from "./migration-sql.js";
import { explainMigrationError } from "./errors.js";
import type { SqlQuery } from "./executors/sql-executor.js";
import { readStrings } from "./parse-state.js";
import type { TableName } from "./table.js";

/**
 * Creates the table unless it exists, so that a user without the right to create one can call it, too.
 *
 * @throws {Error} that says what is missing and how to fix it
 */
export async function migrate(run: SqlQuery, name: TableName): Promise<void> {
  const where = `table_schema = ${name.schemaValue} AND table_name = ${name.tableValue}`;
  const columns = await readAll(
    run,
    `SELECT concat(column_name, ' ', data_type) AS result FROM information_schema.columns WHERE ${where}`,
  );
  if (columns.length > 0) {
    assertColumns(columns, name);
    const engines = `SELECT engine AS result FROM information_schema.tables WHERE ${where}`;
    assertEngine(await readAll(run, engines), name);
    return;
  }
  try {
    if (name.schema !== undefined && (await readAll(run, findSchema(name))).length === 0)
      await run(createSchemaSql(name.schema));
    await run(createTableSql(name));
  } catch (error) {
    throw explainMigrationError(error, name);
  }
}

const readAll = async (run: SqlQuery, sql: string) => readStrings((await run(sql)).rows);

const findSchema = ({ schemaValue }: TableName) =>
  `SELECT schema_name AS result FROM information_schema.schemata WHERE schema_name = ${schemaValue}`;

/** @throws {Error} if columns are missing or compare keys in another way */
function assertColumns(columns: readonly string[], { table }: TableName): void {
  const cure = "set the options schema and table to a name that is not in use, or rename the existing table.";
  const types = new Map(columns.map((column) => column.split(" ") as [name: string, type: string]));
  const required = Object.entries(COLUMNS);
  const missing = required.filter(([column]) => !types.has(column)).map(([column]) => column);
  if (missing.length > 0)
    throw new Error(`The table ${table} exists without the columns ${missing.join(", ")}: ${cure}`);
  for (const [column, type] of required) {
    if (type !== undefined && types.get(column) !== type)
      throw new Error(`The column ${column} of the table ${table} must be a ${type}: ${cure}`);
  }
}

/** @throws {Error} if the table has no transactions */
function assertEngine([engine = ""]: readonly string[], { table }: TableName): void {
  if (engine === "InnoDB") return;
  throw new Error(
    `The table ${table} uses the engine ${engine}, which has no transactions: run ALTER TABLE ${table} ENGINE = InnoDB.`,
  );
}
