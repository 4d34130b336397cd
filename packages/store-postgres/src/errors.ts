import type { TableName } from "./table.js";

/** The SQLSTATEs of an error and of what caused it, the outermost first: a query builder may have wrapped it. */
export function readSqlStates(error: unknown): string[] {
  const states: string[] = [];
  let cause = error;
  for (let depth = 0; depth < MAX_CAUSES && typeof cause === "object" && cause !== null; depth += 1) {
    if ("code" in cause && typeof cause.code === "string") states.push(cause.code);
    cause = "cause" in cause ? cause.cause : undefined;
  }
  return states;
}

/** A chain of causes may be a circle. */
const MAX_CAUSES = 10;

const UNDEFINED_TABLE = "42P01";
const UNDEFINED_COLUMN = "42703";
const INSUFFICIENT_PRIVILEGE = "42501";

/** The error of a statement of ours, with the cure where there is one. */
export function explainError(error: unknown, name: TableName): unknown {
  const cure = createExplanations(name)[readSqlStates(error)[0] ?? ""];
  return cure === undefined ? error : new Error(cure, { cause: error });
}

function createExplanations(name: TableName): Record<string, string | undefined> {
  const { table } = name;
  return {
    [UNDEFINED_TABLE]: `The table ${table} does not exist: await store.migrate() at start, or run the SQL of migrationSql() yourself.`,
    [UNDEFINED_COLUMN]: `The table ${table} lacks columns of migrationSql(): set the options schema and table to a name that is free, or rename the table.`,
    [INSUFFICIENT_PRIVILEGE]: `The role of the pool may not use the table ${table}: ${describeGrants(name)}`,
  };
}

/** The error of a migration whose role may not create the table. */
export function explainMigrationError(error: unknown, name: TableName): unknown {
  if (readSqlStates(error)[0] !== INSUFFICIENT_PRIVILEGE) return error;
  return new Error(
    `The role of the pool may not create the table ${name.table}: run the SQL of migrationSql() as a role that may, then ${describeGrants(name)}`,
    { cause: error },
  );
}

function describeGrants({ schema, table }: TableName): string {
  return `as its owner GRANT USAGE ON SCHEMA ${schema} and GRANT SELECT, INSERT, UPDATE, DELETE ON ${table} to the pool's role.`;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
