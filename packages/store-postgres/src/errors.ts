import type { TableName } from "./table.js";

/**
 * Returns the SQLSTATEs of an error and of its causes, outermost first: an ORM or a query builder may have wrapped it, some of
 * them in a property with a name of their own.
 */
export function readSqlStates(error: unknown): string[] {
  const states: string[] = [];
  const errors = new Set([error]);
  // What is added during the loop is visited, too.
  for (const candidate of errors) {
    if (typeof candidate !== "object" || candidate === null) continue;
    for (const property of STATES) {
      const state: unknown = Reflect.get(candidate, property);
      if (typeof state === "string" && SQL_STATE.test(state)) states.push(state);
    }
    for (const property of CAUSES) errors.add(Reflect.get(candidate, property));
  }
  return states;
}

/** `P2010` and the like are codes of Prisma. */
const SQL_STATE = /^(?!P[1-9])[0-9A-Z]{5}$/;
const STATES = ["code", "originalCode"];
/** Of JavaScript, TypeORM, Sequelize, and the last two of Prisma. */
const CAUSES = ["cause", "driverError", "original", "meta", "driverAdapterError"];

/** Classes of errors about values, limits such as the length of an index entry, and two statements that waited for each other. */
const DATA_ERRORS = /^(?:2[1-3]|40|54)/;

/** Returns whether the error is about the values of one delivery, so that others of its batch can still be written. */
export function isDataError(error: unknown): boolean {
  return readSqlStates(error).some((state) => DATA_ERRORS.test(state));
}

const UNDEFINED_TABLE = "42P01";
const UNDEFINED_COLUMN = "42703";
const INSUFFICIENT_PRIVILEGE = "42501";
const UNKNOWN_PREPARED_STATEMENT = "26000";
const DUPLICATE_PREPARED_STATEMENT = "42P05";

const LOST_STATEMENT =
  "A prepared statement is on another connection, as behind PgBouncer in transaction pooling mode: pass prepare: false to postgres(), or set max_prepared_statements in PgBouncer 1.21 or newer.";

/**
 * Returns whether a prepared statement was on another connection, or its SQL was changed on the way, as by what adds comments with
 * the id of a request. It has not run: in the second case pg has not even sent it.
 */
export function isLostStatement(error: unknown): boolean {
  const states = readSqlStates(error);
  if (states.includes(UNKNOWN_PREPARED_STATEMENT) || states.includes(DUPLICATE_PREPARED_STATEMENT))
    return true;
  return error instanceof Error && error.message.startsWith("Prepared statements must be unique");
}

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
    [INSUFFICIENT_PRIVILEGE]: `The role of the connection is not allowed to use the table ${table}: ${describeGrants(name)}`,
    [UNKNOWN_PREPARED_STATEMENT]: LOST_STATEMENT,
    [DUPLICATE_PREPARED_STATEMENT]: LOST_STATEMENT,
  };
}

/** Returns an error of the migration, with a fix in its message if the role is not allowed to create the table. */
export function explainMigrationError(error: unknown, name: TableName): unknown {
  if (readSqlStates(error)[0] !== INSUFFICIENT_PRIVILEGE) return error;
  return new Error(
    `The role of the connection is not allowed to create the table ${name.table}: run the SQL of ${name.words.migrationSql} as a role that is, then ${describeGrants(name)}`,
    { cause: error },
  );
}

function describeGrants({ schema, table }: TableName): string {
  return `as its owner GRANT USAGE ON SCHEMA ${schema} and GRANT SELECT, INSERT, UPDATE, DELETE ON ${table} to that role.`;
}
