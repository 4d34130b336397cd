import { explainError } from "./errors.js";
import { type ClientLike, type PoolLike, QUERY_TIMEOUT_MS } from "./pg-like.js";
import { type TransactionSettings, runTransaction } from "./run-transaction.js";
import type { SqlExecutor } from "./sql-executor.js";

/** Creates the executor of a pool. Its transactions lend the client. */
export function createPoolExecutor<Client extends ClientLike>(
  pool: PoolLike<Client>,
  settings: TransactionSettings,
): SqlExecutor<{ readonly client: Client }> {
  const { name, onWarning } = settings;
  // Without a listener, a pool ends the process when the server closes an idle connection.
  if (pool.listenerCount?.("error") === 0) {
    pool.on?.("error", ({ message }) => onWarning(`PostgreSQL closed an idle connection: ${message}`));
  }
  return {
    async query(text, values = [], { timeoutMs = QUERY_TIMEOUT_MS } = {}) {
      try {
        return await pool.query({ text, values: [...values], query_timeout: timeoutMs });
      } catch (error) {
        throw explainError(error, name);
      }
    },
    transaction: (work) => runTransaction(pool, settings, work),
  };
}
