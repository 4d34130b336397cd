import { WebhookError } from "@ahasend-webhooks/core";

import type { TableName } from "./table.js";

/** An error of the server or of the connection. */
interface DriverError {
  errno: number;
  sqlState: string;
  /** The connection is lost. */
  isFatal: boolean;
}

/**
 * Returns the errors of the driver among an error and its causes, outermost first: an ORM or a query builder may have wrapped
 * it, some of them in a property with a name of their own.
 */
function readDriverErrors(error: unknown): DriverError[] {
  const errors: DriverError[] = [];
  const causes = new Set([error]);
  // What is added during the loop is visited, too.
  for (const cause of causes) {
    if (typeof cause !== "object" || cause === null) continue;
    const { errno, originalCode, sqlState, state, fatal } = cause as Record<string, unknown>;
    // Prisma's is a string.
    const number = typeof originalCode === "string" ? Number(originalCode) : errno;
    if (typeof number === "number" || fatal === true) {
      const code = sqlState ?? state;
      errors.push({
        errno: typeof number === "number" ? number : 0,
        sqlState: typeof code === "string" ? code : "",
        isFatal: fatal === true || LOST.some((lost) => lost === number) || code === CONNECTION_FAILURE,
      });
    }
    for (const property of CAUSES) causes.add(Reflect.get(cause, property));
  }
  return errors;
}

/** Of JavaScript, TypeORM, and the last two of Prisma. */
const CAUSES = ["cause", "driverError", "meta", "driverAdapterError"];

/** The server shuts down, has killed the connection, or has closed it because it was idle. */
const LOST = [1053, 1927, 4031];
const CONNECTION_FAILURE = "08S01";
const READ_ONLY = 1792;
const DUPLICATE_KEY = 1062;
const DEADLOCK = 1213;
const LOCK_WAIT_TIMEOUT = 1205;
/** MariaDB with `innodb_snapshot_isolation`: another transaction has changed the row. */
const RECORD_CHANGED = 1020;
const NO_DATABASE = 1046;
const UNKNOWN_DATABASE = 1049;
const MISSING_TABLE = 1146;
const MISSING_COLUMN = 1054;
/** For a database, a table and a column. */
const ACCESS_DENIED = [1044, 1142, 1143];

/** Returns whether there is a row with this key. */
export function isDuplicateKey(error: unknown): boolean {
  return readDriverErrors(error)[0]?.errno === DUPLICATE_KEY;
}

/** Returns whether the transaction can read only. */
export function isReadOnly(error: unknown): boolean {
  return readDriverErrors(error).some(({ errno }) => errno === READ_ONLY);
}

/** Returns whether the connection is lost. */
export function isLost(error: unknown): boolean {
  return readDriverErrors(error).some(({ isFatal }) => isFatal);
}

/** Returns whether the server has rolled back a statement that may be repeated. */
export function isDeadlock(error: unknown): boolean {
  return readDriverErrors(error)[0]?.errno === DEADLOCK;
}

/**
 * Returns an error if the cause is a lost connection or a conflict with another transaction, even if a query builder has
 * wrapped it: the handler is not to blame.
 */
export function findTransientError(error: unknown): Error | undefined {
  if (isLost(error)) return createLostError(error);
  // Class 40 of SQLSTATE: the server has rolled back the transaction.
  const conflict = readDriverErrors(error).find(
    ({ errno, sqlState }) =>
      sqlState.startsWith("40") || [DEADLOCK, LOCK_WAIT_TIMEOUT, RECORD_CHANGED].includes(errno),
  );
  return conflict === undefined
    ? undefined
    : new Error(
        `The transaction was rolled back because of a conflict with another one (error ${conflict.errno}): the delivery is retried.`,
        { cause: error },
      );
}

/** Creates the error for a connection that was lost amid a transaction. */
export function createLostError(cause: unknown): Error {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new Error(`The connection to MySQL was lost (${reason}): the delivery is retried.`, { cause });
}

/** Returns an error of one of the store's statements, with a fix in its message if one is known. */
export function explainError(error: unknown, { table }: TableName): unknown {
  const { errno = 0 } = readDriverErrors(error)[0] ?? {};
  const explain = (message: string) => new Error(message, { cause: error });
  if (ACCESS_DENIED.includes(errno))
    return explain(`The user of the pool is not allowed to use the table ${table}: ${describeGrants(table)}`);
  switch (errno) {
    case MISSING_TABLE:
    case UNKNOWN_DATABASE:
      return explain(
        `The table ${table} does not exist: call await store.migrate() at start, or run the SQL of migrationSql() yourself.`,
      );
    case MISSING_COLUMN:
      return explain(
        `The table ${table} is not the one that migrationSql() creates: set the options schema and table to a name that is not in use, or rename the existing table.`,
      );
    case NO_DATABASE:
      return explain(
        "The connections of the pool have no database: set database in the options of the pool, or the option schema of the store.",
      );
    default:
      return error;
  }
}

/** Returns an error of the migration, with a fix in its message if the user is not allowed to create the table. */
export function explainMigrationError(error: unknown, name: TableName): unknown {
  if (!ACCESS_DENIED.includes(readDriverErrors(error)[0]?.errno ?? 0)) return explainError(error, name);
  return new Error(
    `The user of the pool is not allowed to create the table ${name.table}: run the SQL of migrationSql() as a user who is, then ${describeGrants(name.table)}`,
    { cause: error },
  );
}

function describeGrants(table: string): string {
  return `GRANT SELECT, INSERT, UPDATE, DELETE ON ${table} to the pool's user.`;
}

/** Creates the error for a transaction that the handler has ended. */
export function createEndedError(): WebhookError {
  return new WebhookError(
    "handler_failed",
    "The receipt has left the transaction, so the delivery has failed: leave COMMIT and ROLLBACK to the store, also in stored procedures, and let errors propagate, because a deadlock rolls the whole transaction back.",
  );
}
