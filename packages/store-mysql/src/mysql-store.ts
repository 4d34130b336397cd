import { randomUUID } from "node:crypto";

import type { Claim, IdempotencyStore, TransactionResult, TransactionalStore } from "@ahasend-webhooks/core";

import type { CallbackPoolLike, PoolLike, PromisePoolLike } from "./database/mysql-like.js";
import { type Extras, openDatabase } from "./database/open-database.js";
import { type MysqlMaintenance, createSweeper } from "./maintenance.js";
import { type MysqlStoreOptions, resolveOptions } from "./options.js";
import { type RowState, parseState, readStrings } from "./parse-state.js";
import { createStatements } from "./statements.js";
import { isDuplicateKey } from "./errors.js";
import { migrate } from "./migrate.js";
import type { SqlExecutor, SqlQuery } from "./executors/sql-executor.js";

/** Remembers deliveries in MySQL or MariaDB, independently of the handler's own writes. */
export interface MysqlLeaseStore extends IdempotencyStore, MysqlMaintenance {
  close(): void;
}

/**
 * Runs the handler in one transaction with the receipt.
 *
 * @typeParam Added what the transaction adds to the context: `client` of a pool, or `tx` of an executor
 */
export interface MysqlTransactionalStore<Added> extends TransactionalStore<Added>, MysqlMaintenance {
  close(): void;
}

/** A delivery in a transaction is busy for an unknown time. */
const UNKNOWN_MS = 1000;

/**
 * Creates a store that remembers deliveries in MySQL or MariaDB, for any number of processes. Pass the pool of your
 * application, of `mysql2/promise` or of `mysql2`, or an executor of its ORM: `fromTypeOrm(dataSource)`.
 *
 * @throws {TypeError} if an option is not valid, or `connection` is neither a pool nor an executor
 *
 * @example
 * const store = mysqlStore(pool, { mode: "transaction" });
 * await store.migrate();
 * createReceiver({
 *   secret,
 *   store,
 *   on: {
 *     "message.bounced": (event, { client }) =>
 *       client.query("INSERT INTO suppressions (address) VALUES (?)", [event.data.recipient]),
 *   },
 * });
 */
export function mysqlStore(
  connection: PoolLike | SqlExecutor<unknown>,
  options?: MysqlStoreOptions & { mode?: "lease" },
): MysqlLeaseStore;
export function mysqlStore<Tx>(
  executor: SqlExecutor<Tx>,
  options: MysqlStoreOptions & { mode: "transaction" },
): MysqlTransactionalStore<{ readonly tx: Tx }>;
export function mysqlStore<Client extends object>(
  pool: CallbackPoolLike<Client>,
  options: MysqlStoreOptions & { mode: "transaction" },
): MysqlTransactionalStore<{ readonly client: Client }>;
export function mysqlStore<Client extends object>(
  pool: PromisePoolLike<Client>,
  options: MysqlStoreOptions & { mode: "transaction" },
): MysqlTransactionalStore<{ readonly client: Client }>;
export function mysqlStore<Client extends object, Tx>(
  connection: PoolLike<Client> | SqlExecutor<Tx>,
  options: MysqlStoreOptions = {},
): MysqlLeaseStore | MysqlTransactionalStore<Extras<Client, Tx>> {
  const settings = resolveOptions(options);
  const { name, retentionMs } = settings;
  const statements = createStatements(name, settings.now);
  const database = openDatabase(connection, settings);

  const common = {
    retentionSeconds: retentionMs / 1000,
    migrate: () => database.autocommit((run) => migrate(run, name)),
    ...createSweeper({
      ...settings,
      sweepBatch: (rows) =>
        database.autocommit(async (run) => {
          const keys = readStrings((await run(statements.findExpired(rows))).rows);
          if (keys.length === 0) return { found: 0, deleted: 0 };
          const { affectedRows } = await run(statements.deleteExpired(keys));
          return { found: keys.length, deleted: affectedRows };
        }),
    }),
  };

  /** Inserts a row, or takes an existing one. The row itself shows whose it is. */
  const claim = async (
    run: SqlQuery,
    { insert, take, look }: { insert: string; take: string; look: string },
    unknownMs: number,
  ): Promise<RowState> => {
    try {
      await run(insert);
      return { state: "claimed", number: 1 };
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
    await run(take);
    // The row may have been deleted in between.
    return parseState((await run(look)).rows) ?? { state: "busy", number: Math.ceil(unknownMs) };
  };

  if (settings.mode === "transaction") {
    return {
      ...common,
      async run(key, work) {
        const token = randomUUID();
        const receipt = {
          insert: statements.insert(key, token, undefined, retentionMs),
          take: statements.takeReceipt(key, token, retentionMs),
          look: statements.look(key, token, UNKNOWN_MS),
        };
        const result = await database.transaction(
          statements.lockName(key),
          async (extras, run): Promise<{ result: TransactionResult; probe?: string }> => {
            // Until the probe, the receipt is not done: if the handler commits it too early, the delivery is retried.
            const { state, number } = await claim(run, receipt, UNKNOWN_MS);
            if (state === "done") return { result: { state } };
            if (state === "busy") return { result: { state, retryAfterMs: number } };
            await work(extras);
            return { result: { state: "committed" }, probe: statements.complete(key, token) };
          },
        );
        return result ?? { state: "busy", retryAfterMs: UNKNOWN_MS };
      },
    };
  }

  const runOne = (sql: string) => database.autocommit((run) => run(sql));
  return {
    ...common,
    async claim(key, token, leaseMs): Promise<Claim> {
      const lease = {
        insert: statements.insert(key, token, leaseMs, retentionMs),
        take: statements.take(key, token, leaseMs, retentionMs),
        look: statements.look(key, token, leaseMs),
      };
      const { state, number } = await database.autocommit((run) => claim(run, lease, leaseMs));
      if (state === "claimed") return { state, attempt: number };
      return state === "done" ? { state } : { state, retryAfterMs: number };
    },
    async renew(key, token, leaseMs) {
      await runOne(statements.renew(key, token, leaseMs));
    },
    async commit(key, _token, retainMs) {
      await runOne(statements.commit(key, retainMs));
    },
    async release(key, token) {
      await runOne(statements.release(key, token));
    },
  };
}
