import type { TableName } from "./table.js";

/** Returns the SQLSTATEs of an error and of its causes, outermost first: a query builder may have wrapped it. */
export function readSqlStates(error: unknown): string[] {
  const states: string[] = [];
  let cause = error;
  for (let depth = 0; depth < MAX_CAUSES && typeof cause === "object" && cause !== null; depth += 1) {
    if ("code" in cause && typeof cause.code === "string") states.push(cause.code);
    cause = "cause" in cause ? cause.cause : undefined;
  }
  return states;
}

/** A chain of causes may be circular. */
const MAX_CAUSES = 10;

const UNDEFINED_TABLE = "42P01";
const UNDEFINED_COLUMN = "42703";
const INSUFFICIENT_PRIVILEGE = "42501";

/** Returns an error of one of the store's statements, with a fix in its message if one is known. */
export function explainError(error: unknown, name: TableName): unknown {
  const message = createExplanations(name)[readSqlStates(error)[0] ?? ""];
  return message === undefined ? error : new Error(message, { cause: error });
}

function createExplanations(name: TableName): Record<string, string | undefined> {
  const { table, words } = name;
  return {
    [UNDEFINED_TABLE]: `The table ${table} does not exist: call await ${words.owner}.migrate() at start, or run the SQL of ${words.migrationSql} yourself.`,
    [UNDEFINED_COLUMN]: `The table ${table} is not the one that ${words.migrationSql} creates: set the options schema and table to a name that is not in use, or rename the existing table.`,
    [INSUFFICIENT_PRIVILEGE]: `The role of the pool is not allowed to use the table ${table}: ${describeGrants(name)}`,
  };
}

/** Returns an error of the migration, with a fix in its message if the role is not allowed to create the table. */
export function explainMigrationError(error: unknown, name: TableName): unknown {
  if (readSqlStates(error)[0] !== INSUFFICIENT_PRIVILEGE) return error;
  return new Error(
    `The role of the pool is not allowed to create the table ${name.table}: run the SQL of ${name.words.migrationSql} as a role that is, then ${describeGrants(name)}`,
    { cause: error },
  );
}

function describeGrants({ schema, table }: TableName): string {
  return `as its owner GRANT USAGE ON SCHEMA ${schema} and GRANT SELECT, INSERT, UPDATE, DELETE ON ${table} to the pool's role.`;
}
