import type { TransactionSettings } from "./run-transaction.js";
import type { Database } from "./database.js";
import type { PoolLike } from "./mysql-like.js";
import type { SqlExecutor } from "../executors/sql-executor.js";
import { assertConnection } from "./assert-connection.js";
import { openExecutorDatabase } from "./executor-database.js";
import { openPoolDatabase } from "./pool-database.js";

/** The part of the context that a transaction adds: the connection of a pool, or the transaction of an executor. */
export type Extras<Client, Tx> = { readonly client: Client } | { readonly tx: Tx };

/** Opens the database of a pool or an executor. @throws {TypeError} if it is neither */
export function openDatabase<Client extends object, Tx>(
  connection: PoolLike<Client> | SqlExecutor<Tx>,
  settings: TransactionSettings,
): Database<Extras<Client, Tx>> {
  assertConnection(connection);
  if ("transaction" in connection) return openExecutorDatabase(connection, settings);
  return openPoolDatabase(connection, settings);
}
