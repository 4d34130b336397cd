import type { Inbox, InboxStats, InboxWork, RunDelivery } from "@ahasend-webhooks/core";
import { AcceptQueue, PolledWork } from "@ahasend-webhooks/core/inbox";

import type { Database } from "../database/database.js";
import { type Connection, type TransactionExtras, openDatabase } from "../database/open-database.js";
import type { ClientLike, PoolLike } from "../database/pg-like.js";
import { isDataError } from "../errors.js";
import type { SqlExecutor } from "../executors/sql-executor.js";
import { type PostgresMaintenance, createMaintenance } from "../maintenance.js";
import { type TableDefinition, migrate } from "../migrate.js";
import { createDeadLetters } from "./dead-letters.js";
import { INBOX_COLUMNS, createInboxMigrationStatements } from "./inbox-migration-sql.js";
import {
  type PostgresInboxOptions,
  type PostgresInboxSettings,
  resolvePostgresInboxOptions,
} from "./inbox-options.js";
import { createInboxStatements } from "./inbox-statements.js";
import { InboxTable } from "./inbox-table.js";
import { readRows } from "./read-rows.js";
import { writeDeliveries } from "./write-deliveries.js";

/**
 * Keeps deliveries in PostgreSQL until a worker has handled them.
 *
 * @typeParam Extras what the inbox adds to the context of handlers
 */
export interface PostgresInbox<Extras = unknown> extends Inbox<Extras>, PostgresMaintenance {
  close(): void;
}

/**
 * Creates an inbox in PostgreSQL, for any number of receivers and workers. Pass the pool of your application, or an executor
 * of its ORM: `fromTypeOrm(dataSource)`. In transaction mode each handler that runs holds one connection. Works behind
 * PgBouncer in transaction pooling mode: no session state outlives a statement or transaction.
 *
 * @throws {TypeError} if an option is not valid, or `connection` is neither a pool nor an executor
 *
 * @example
 * const inbox = postgresInbox(pool, { concurrency: 8 });
 * await inbox.migrate();
 * createWorker({
 *   store: inbox,
 *   on: {
 *     "message.bounced": (event, { client }) =>
 *       client.query("INSERT INTO suppressions (address) VALUES ($1)", [event.data.recipient]),
 *   },
 * });
 */
export function postgresInbox<Tx>(
  executor: SqlExecutor<Tx>,
  options?: PostgresInboxOptions & { mode?: "transaction" },
): PostgresInbox<{ readonly tx: Tx }>;
export function postgresInbox<Client extends ClientLike>(
  pool: PoolLike<Client>,
  options?: PostgresInboxOptions & { mode?: "transaction" },
): PostgresInbox<{ readonly client: Client }>;
export function postgresInbox(
  connection: PoolLike | SqlExecutor<unknown>,
  options: PostgresInboxOptions & { mode: "lease" },
): PostgresInbox;
export function postgresInbox<Client extends ClientLike, Tx>(
  connection: Connection<Client, Tx>,
  options: PostgresInboxOptions = {},
): PostgresInbox<TransactionExtras<Client, Tx>> {
  const settings = resolvePostgresInboxOptions(options);
  return createInbox(openDatabase("postgresInbox", connection, settings), settings);
}

/** Creates the inbox of a database. */
function createInbox<Extras>(
  database: Database<Extras>,
  settings: PostgresInboxSettings,
): PostgresInbox<Extras> {
  const { query } = database;
  const { name } = settings;
  const definition: TableDefinition = {
    name,
    columns: INBOX_COLUMNS,
    createStatements: (withSchema) => createInboxMigrationStatements(name, withSchema),
  };
  const { clock, retentionMs, retentionSeconds, orderingKey } = settings;
  const statements = createInboxStatements(name);
  const queue = new AcceptQueue({
    write: (deliveries) => writeDeliveries(query, statements, deliveries, clock()),
    isAboutData: isDataError,
  });
  let work: { wake(): void } | undefined;
  const onReplay = () => work?.wake();

  return {
    retentionSeconds,
    orderingKey,
    async accept(delivery) {
      const answer = await queue.accept(delivery);
      if (answer === "accepted") work?.wake();
      return answer;
    },
    work(run: RunDelivery<Extras>): InboxWork {
      if (work !== undefined) {
        throw new TypeError(
          "This inbox already has a worker in this process: raise concurrency, or pass work: false to the receiver.",
        );
      }
      warnOfSmallPool(database, settings);
      const table = new InboxTable(database, statements, settings);
      const started = new PolledWork(table, settings, run);
      work = started;
      return {
        async close(limit) {
          table.close();
          await started.close(limit);
          await table.abandon();
          if (work === started) work = undefined;
        },
      };
    },
    async stats(): Promise<InboxStats> {
      const [row] = readRows<Omit<InboxStats, "oldestSeconds"> & { oldestSeconds: number | null }>(
        await query(statements.stats, [clock()]),
      );
      const { oldestSeconds, ...counts } = row?.facts ?? { waiting: 0, active: 0, deadLetters: 0 };
      return { ...counts, oldestSeconds: oldestSeconds ?? undefined };
    },
    deadLetters: createDeadLetters({ query, statements, clock, retentionMs, onReplay }),
    ...createMaintenance({
      migrate: () => migrate(database, definition),
      deleteBatch: async (rows) =>
        readRows<number>(await query(statements.sweep, [rows, clock()]))[0]?.facts ?? 0,
      intervalMs: settings.sweepIntervalMs,
      onWarning: settings.onWarning,
    }),
  };
}

/** Slow handlers would keep AhaSend waiting for a connection, and their leases from being renewed. */
function warnOfSmallPool(
  { maxConnections = Infinity }: Database<unknown>,
  settings: PostgresInboxSettings,
): void {
  const handlers = Object.values(settings.concurrency).reduce<number>((sum, limit = 0) => sum + limit, 0);
  if (settings.mode === "lease" || maxConnections > handlers) return;
  settings.onWarning(
    `The pool has ${maxConnections} connections, and ${handlers} handlers hold one each, so that accepting deliveries waits for handlers: set max of the pool above ${handlers}, or lower concurrency.`,
  );
}
