import {
  type IdempotencyStore,
  type TransactionResult,
  type TransactionalStore,
  assertKnownOptions,
} from "@ahasend-webhooks/core";

import { type Connection, type TransactionExtras, openDatabase } from "./database/open-database.js";
import type { ClientLike, PoolLike } from "./database/pg-like.js";
import type { SqlExecutor } from "./executors/sql-executor.js";
import { createLeases } from "./leases/create-leases.js";
import { type PostgresMaintenance, createMaintenance } from "./maintenance.js";
import { type TableDefinition, migrate } from "./migrate.js";
import { COLUMNS, createMigrationStatements } from "./migration-sql.js";
import { type PostgresStoreOptions, resolveOptions, storeOptionNames } from "./options.js";
import { parseResult, readFirstRow } from "./parse-result.js";
import { createStatements } from "./statements.js";

/** Remembers deliveries in PostgreSQL, independently of the handler's own writes. */
export interface PostgresLeaseStore extends IdempotencyStore, PostgresMaintenance {
  close(): void;
}

/**
 * Runs the handler in one transaction with the receipt.
 *
 * @typeParam Extras what the transaction adds to the context: `client` of a pool, or `tx` of an executor
 */
export interface PostgresTransactionalStore<Extras> extends TransactionalStore<Extras>, PostgresMaintenance {
  close(): void;
}

/**
 * Creates a store that remembers deliveries in PostgreSQL, for any number of processes. Pass the pool of your application,
 * or an executor of its ORM: `fromTypeOrm(dataSource)`. Works behind PgBouncer in transaction pooling mode: no session state
 * outlives a statement or transaction.
 *
 * @throws {TypeError} if an option is not valid, or `connection` is neither a pool nor an executor
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
  connection: PoolLike | SqlExecutor<unknown>,
  options?: PostgresStoreOptions & { mode?: "lease" },
): PostgresLeaseStore;
export function postgresStore<Tx>(
  executor: SqlExecutor<Tx>,
  options: PostgresStoreOptions & { mode: "transaction" },
): PostgresTransactionalStore<{ readonly tx: Tx }>;
export function postgresStore<Client extends ClientLike>(
  pool: PoolLike<Client>,
  options: PostgresStoreOptions & { mode: "transaction" },
): PostgresTransactionalStore<{ readonly client: Client }>;
export function postgresStore<Client extends ClientLike, Tx>(
  connection: Connection<Client, Tx>,
  options: PostgresStoreOptions = {},
): PostgresLeaseStore | PostgresTransactionalStore<TransactionExtras<Client, Tx>> {
  assertKnownOptions(options, storeOptionNames);
  const settings = resolveOptions(options);
  const { name, clock, retentionMs, onWarning } = settings;
  const statements = createStatements(name);
  const database = openDatabase("postgresStore", connection, settings);

  const definition: TableDefinition = {
    name,
    columns: COLUMNS,
    createStatements: (withSchema) => createMigrationStatements(name, withSchema),
  };
  const common = {
    retentionSeconds: retentionMs / 1000,
    ...createMaintenance({
      migrate: () => migrate(database, definition),
      deleteBatch: async (rows) => {
        const [deleted] = readFirstRow(await database.query(statements.sweep, [rows, clock()]));
        return Number(deleted ?? 0);
      },
      intervalMs: settings.sweepIntervalMs,
      onWarning,
    }),
  };

  if (settings.mode === "transaction") {
    return {
      ...common,
      run(key, work) {
        const values = [key, retentionMs, clock()];
        const first = { text: statements.receiptOfNew, values };
        return database.transaction(first, async (extras, rows, query): Promise<TransactionResult> => {
          const receipt = rows.length > 0 ? rows : await query(statements.receipt, values);
          const { state, number } = parseResult(receipt);
          if (state !== "claimed") return state === "done" ? { state } : { state, retryAfterMs: number };
          await work(extras);
          return { state: "committed" };
        });
      },
    };
  }

  return { ...common, ...createLeases(database, statements, settings) };
}
