import type { ConnectionLike, PoolLike } from "./mysql-like.js";
import { connect, runStatement } from "./connection.js";
import { type TransactionSettings, runTransaction } from "./run-transaction.js";
import { createUnfinishedError, destroy } from "./unusable-connection.js";
import type { Database } from "./database.js";
import { repeatDeadlocks } from "./repeat-deadlocks.js";
import type { SqlResult } from "../executors/sql-executor.js";
import type { TableName } from "../table.js";

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
        const result = await work(
          repeatDeadlocks(async (sql) => runAutocommit(connection, sql, settings.name)),
        );
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

/** @throws {Error} if the connection is in a transaction, in which the statement would not be committed */
async function runAutocommit(connection: ConnectionLike, sql: string, name: TableName): Promise<SqlResult> {
  const result = await runStatement(connection, sql, name);
  if (result.isInTransaction === true) throw createUnfinishedError();
  return result;
}
