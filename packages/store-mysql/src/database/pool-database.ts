import type { ConnectionLike, PoolLike } from "./mysql-like.js";
import { connect, runStatement } from "./connection.js";
import type { Database, RunStatement } from "./database.js";
import { type TransactionSettings, runTransaction } from "./run-transaction.js";
import { createUnfinishedError, destroy } from "./unusable-connection.js";
import { isDeadlock } from "../errors.js";
import type { TableName } from "../table.js";

const MAX_DEADLOCKS = 5;

/** Opens the database of a pool. Its transactions lend the connection. */
export function openPoolDatabase<Client extends object>(
  pool: PoolLike<Client>,
  settings: TransactionSettings,
): Database<{ readonly client: Client }> {
  return {
    async autocommit(work) {
      const connection = await connect(pool);
      let isUsable = false;
      try {
        const result = await work((sql) => runAutocommit(connection, sql, settings.name));
        isUsable = true;
        return result;
      } finally {
        if (isUsable) connection.release();
        else destroy(connection);
      }
    },
    async transaction(lockName, work) {
      return runTransaction<Client, Awaited<ReturnType<typeof work>>["result"]>(
        pool,
        settings,
        lockName,
        work,
      );
    },
  };
}

/**
 * Runs a statement that is committed by itself, again if the server has chosen it to end a deadlock.
 *
 * @throws {Error} if the connection is in a transaction, in which the statement would not be committed
 */
async function runAutocommit(
  connection: ConnectionLike,
  sql: string,
  name: TableName,
): ReturnType<RunStatement> {
  for (let deadlocks = 0; ; deadlocks += 1) {
    try {
      const result = await runStatement(connection, sql, name);
      if (result.isInTransaction === true) throw createUnfinishedError();
      return result;
    } catch (error) {
      if (!isDeadlock(error) || deadlocks === MAX_DEADLOCKS) throw error;
    }
  }
}
