import type { ConnectionLike, PoolLike } from "./mysql-like.js";
import { explainError } from "../errors.js";
import { limitTime } from "./limit-time.js";
import type { SqlResult } from "../executors/sql-executor.js";
import type { TableName } from "../table.js";
import { UNEXPECTED_RESULT } from "../parse-state.js";

/** A flag of the server's status: statements after this one belong to the same transaction. */
const IN_TRANSACTION = 1;

/** Options of a query that undo those of the pool. */
const PLAIN = {
  rowsAsArray: false,
  nestTables: false,
  // The names of tables may look like parameters.
  namedPlaceholders: false,
  values: [],
  // Only a function replaces that of the pool.
  typeCast: (_field: unknown, next: () => unknown) => next(),
};

/** The result of one statement on a connection. */
export interface ConnectionResult extends SqlResult {
  /** `undefined` of a statement that returns rows: it does not report it. */
  isInTransaction?: boolean;
}

/** Checks out a connection, of a pool with callbacks as well. @throws {Error} if the pool returns something else */
export async function connect(pool: PoolLike): Promise<ConnectionLike> {
  const promisePool = "promise" in pool ? pool.promise() : pool;
  const connection: unknown = await promisePool.getConnection();
  const methods = ["query", "on", "removeListener", "release", "destroy"];
  if (
    typeof connection === "object" &&
    connection !== null &&
    methods.every((method) => typeof Reflect.get(connection, method) === "function")
  )
    return connection as ConnectionLike;
  throw new Error(
    "pool.getConnection() did not resolve to a connection: pass a pool of mysql2 (mysql.createPool()).",
  );
}

/** Runs one statement of the store, whatever the pool has set for results. */
export async function runStatement(
  connection: ConnectionLike,
  sql: string,
  name: TableName,
): Promise<ConnectionResult> {
  try {
    const reply = await limitTime(connection.query({ sql, ...PLAIN }));
    return sql.startsWith("SELECT") ? parseRows(reply) : parseHeader(reply);
  } catch (error) {
    throw explainError(error, name);
  }
}

/** @throws {Error} if it is anything else than rows */
function parseRows(reply: unknown): ConnectionResult {
  const rows: unknown = Array.isArray(reply) ? reply[0] : undefined;
  if (Array.isArray(rows)) return { rows, affectedRows: 0 };
  throw new Error(UNEXPECTED_RESULT);
}

/** @throws {Error} if it is anything else than the header of a statement without rows */
function parseHeader(reply: unknown): ConnectionResult {
  const header: unknown = Array.isArray(reply) ? reply[0] : undefined;
  const { affectedRows, serverStatus } = (header ?? {}) as Record<string, unknown>;
  if (typeof affectedRows === "number" && typeof serverStatus === "number")
    return { rows: [], affectedRows, isInTransaction: (serverStatus & IN_TRANSACTION) !== 0 };
  throw new Error(UNEXPECTED_RESULT);
}
