import type { SqlExecutor } from "../executors/sql-executor.js";
import { assertConnection } from "./assert-connection.js";
import type { Database } from "./database.js";
import { openExecutorDatabase } from "./executor-database.js";
import type { ClientLike, PoolLike } from "./pg-like.js";
import { openPoolDatabase } from "./pool-database.js";
import { repeatCollisions } from "./repeat-collisions.js";
import type { TransactionSettings } from "./run-transaction.js";

/** A pool of pg, or an executor. */
export type Connection<Client extends ClientLike, Tx> = PoolLike<Client> | SqlExecutor<Tx>;

/** The part of the context that a transaction adds: the client of a pool, or the transaction of an executor. */
export type TransactionExtras<Client, Tx> = { readonly client: Client } | { readonly tx: Tx };

/**
 * Opens the database of a pool or an executor.
 *
 * @param caller the function that needs it, for the message
 * @throws {TypeError} if it is neither
 */
export function openDatabase<Client extends ClientLike, Tx>(
  caller: string,
  connection: Connection<Client, Tx>,
  settings: TransactionSettings,
): Database<TransactionExtras<Client, Tx>> {
  assertConnection(caller, connection);
  const database: Database<TransactionExtras<Client, Tx>> =
    "transaction" in connection
      ? openExecutorDatabase(connection, settings)
      : openPoolDatabase(connection, settings);
  return { ...database, query: repeatCollisions(database.query) };
}
