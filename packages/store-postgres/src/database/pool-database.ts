import { summarizeError } from "@ahasend-webhooks/core";

import { explainError } from "../errors.js";
import { type Database, assertRows } from "./database.js";
import { type ClientLike, type PoolLike, QUERY_TIMEOUT_MS, STRINGS } from "./pg-like.js";
import { createPreparedQuery } from "./prepared-query.js";
import { type TransactionSettings, runTransaction } from "./run-transaction.js";

/** Opens the database of a pool. Its transactions lend the client. */
export function openPoolDatabase<Client extends ClientLike>(
  pool: PoolLike<Client>,
  settings: TransactionSettings,
): Database<{ readonly client: Client }> {
  const { name, onWarning } = settings;
  // Without a listener, a pool ends the process when the server closes an idle connection.
  if (pool.listenerCount?.("error") === 0) {
    pool.on?.("error", (error) =>
      onWarning(`PostgreSQL closed an idle connection: ${summarizeError(error)}`),
    );
  }
  const runPrepared = createPreparedQuery(pool);
  return {
    maxConnections: pool.options?.max,
    async query(text, values = [], { timeoutMs = QUERY_TIMEOUT_MS, preparedAs } = {}) {
      try {
        const query = { text, values: [...values], query_timeout: timeoutMs, types: STRINGS };
        const result = await (preparedAs === undefined ? pool.query(query) : runPrepared(query, preparedAs));
        return assertRows((result as { rows?: unknown } | undefined | null)?.rows);
      } catch (error) {
        throw explainError(error, name);
      }
    },
    async script(statements) {
      // A query without parameters is one transaction.
      await pool.query({ text: statements.join(";\n") });
    },
    transaction: (first, work) => runTransaction(pool, settings, first, work),
  };
}
