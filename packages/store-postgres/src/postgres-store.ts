import type { Claim, IdempotencyStore, TransactionResult, TransactionalStore } from "@ahasend-webhooks/core";

import type { ClientLike, PoolLike } from "./pg-like.js";
import { type PostgresMaintenance, createMaintenance } from "./maintenance.js";
import { type PostgresStoreOptions, resolveOptions } from "./options.js";
import { assertPool } from "./assert-pool.js";
import { parseResult } from "./parse-result.js";
import { createStatements } from "./statements.js";
import { createPoolExecutor } from "./pool-executor.js";
import { migrate } from "./migrate.js";
import { COLUMNS, createMigrationSql } from "./migration-sql.js";

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
  assertPool("postgresStore", pool);
  const settings = resolveOptions(options);
  const { name, clock, retentionMs, onWarning } = settings;
  const statements = createStatements(name);

  const executor = createPoolExecutor(pool, settings);
  const query = (text: string, ...values: unknown[]) => executor.query(text, values);

  const definition = {
    name,
    columns: COLUMNS,
    createSql: (sqlOptions: { withSchema: boolean }) => createMigrationSql(name, sqlOptions),
  };
  const common = {
    retentionSeconds: retentionMs / 1000,
    ...createMaintenance({
      migrate: () => migrate(pool, definition),
      deleteBatch: async (rows) => (await query(statements.sweep, rows, clock()))?.rowCount ?? 0,
      intervalMs: settings.sweepIntervalMs,
      onWarning,
    }),
  };

  if (settings.mode === "transaction") {
    return {
      ...common,
      run(key, work) {
        return executor.transaction(async (extras, query): Promise<TransactionResult> => {
          // A duplicate does not wait for the transaction that handles the delivery: it could use up the pool.
          const receipt = await query(statements.receipt, [key, retentionMs, clock()]);
          const { state, number } = parseResult(receipt);
          if (state !== "claimed") return state === "done" ? { state } : { state, retryAfterMs: number };
          await work(extras);
          return { state: "committed" };
        });
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
