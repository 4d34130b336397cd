import type { Claim, IdempotencyStore, TransactionalStore } from "@ahasend-webhooks/core";

import { type ClientLike, type PoolLike, QUERY_TIMEOUT_MS, type QueryResultLike } from "./pg-like.js";
import { explainError } from "./errors.js";
import { type PostgresMaintenance, createMaintenance } from "./maintenance.js";
import { type PostgresStoreOptions, resolveOptions } from "./options.js";
import { assertPool } from "./assert-pool.js";
import { parseResult } from "./parse-result.js";
import { createStatements } from "./statements.js";
import { runTransaction } from "./run-transaction.js";

/** Remembers deliveries in PostgreSQL, independently of the handler's own writes. */
export interface PostgresLeaseStore extends IdempotencyStore, PostgresMaintenance {
  close(): void;
}

/** Runs the handler in one transaction with the receipt. */
export interface PostgresTransactionalStore<Client>
  extends TransactionalStore<{ readonly client: Client }>, PostgresMaintenance {
  close(): void;
}

/**
 * Creates a store that remembers deliveries in PostgreSQL, for any number of processes. Pass the pool of your application.
 * Works behind PgBouncer in transaction pooling mode: no session state outlives a statement or transaction.
 *
 * @throws {TypeError} if an option is not valid, or `pool` is not a pool
 *
 * @example
 * const store = postgresStore(pool, { mode: "transaction" });
 * await store.migrate();
 * createReceiver({
 *   secret,
 *   store,
 *   on: {
 *     "message.bounced": (event, { client }) =>
 *       client.query("INSERT INTO suppressions (address) VALUES ($1)", [event.data.recipient]),
 *   },
 * });
 */
export function postgresStore(
  pool: PoolLike,
  options?: PostgresStoreOptions & { mode?: "lease" },
): PostgresLeaseStore;
export function postgresStore<Client extends ClientLike>(
  pool: PoolLike<Client>,
  options: PostgresStoreOptions & { mode: "transaction" },
): PostgresTransactionalStore<Client>;
export function postgresStore<Client extends ClientLike>(
  pool: PoolLike<Client>,
  options: PostgresStoreOptions = {},
): PostgresLeaseStore | PostgresTransactionalStore<Client> {
  assertPool(pool);
  const settings = resolveOptions(options);
  const { name, clock, retentionMs, onWarning } = settings;
  const statements = createStatements(name);

  // Without a listener, a pool ends the process when the server closes an idle connection.
  if (pool.listenerCount?.("error") === 0) {
    pool.on?.("error", ({ message }) => onWarning(`PostgreSQL closed an idle connection: ${message}`));
  }

  const query = async (text: string, ...values: unknown[]): Promise<QueryResultLike | undefined> => {
    try {
      return await pool.query({ text, values, query_timeout: QUERY_TIMEOUT_MS });
    } catch (error) {
      throw explainError(error, name);
    }
  };

  const common = {
    retentionSeconds: retentionMs / 1000,
    ...createMaintenance(pool, name, {
      deleteBatch: async (rows) => (await query(statements.sweep, rows, clock()))?.rowCount ?? 0,
      intervalMs: settings.sweepIntervalMs,
      onWarning,
    }),
  };

  if (settings.mode === "transaction") {
    return {
      ...common,
      run(key, work) {
        const receipt = { text: statements.receipt, values: [key, retentionMs, clock()] };
        return runTransaction(pool, { ...settings, receipt }, work);
      },
    };
  }

  return {
    ...common,
    async claim(key, token, leaseMs): Promise<Claim> {
      const result = await query(statements.claim, key, token, leaseMs, retentionMs, clock());
      const { state, number } = parseResult(result);
      if (state === "claimed") return { state, attempt: number };
      return state === "done" ? { state } : { state, retryAfterMs: number };
    },
    async renew(key, token, leaseMs) {
      await query(statements.renew, key, token, leaseMs, clock());
    },
    async commit(key, _token, retainMs) {
      const result = await query(statements.commit, key, retainMs, clock());
      if (result?.rowCount !== 1)
        throw new Error(
          `The receipt was not written to ${name.table}: remove the trigger or rule that prevents it.`,
        );
    },
    async release(key, token) {
      await query(statements.release, key, token);
    },
  };
}
