import type { Inbox, InboxStats, InboxWork, RunDelivery } from "@ahasend-webhooks/core";
import { AcceptQueue, PolledWork } from "@ahasend-webhooks/core/inbox";

import { assertPool } from "../assert-pool.js";
import { type PostgresMaintenance, createMaintenance } from "../maintenance.js";
import { migrate } from "../migrate.js";
import type { ClientLike, PoolLike } from "../pg-like.js";
import { createPoolExecutor } from "../pool-executor.js";
import type { SqlExecutor } from "../sql-executor.js";
import { createDeadLetters } from "./dead-letters.js";
import { INBOX_COLUMNS, createInboxMigrationSql } from "./inbox-migration-sql.js";
import {
  type PostgresInboxOptions,
  type PostgresInboxSettings,
  resolvePostgresInboxOptions,
} from "./inbox-options.js";
import { createInboxStatements } from "./inbox-statements.js";
import { InboxTable } from "./inbox-table.js";
import { readRows } from "./read-rows.js";
import { isDataError, writeDeliveries } from "./write-deliveries.js";

/**
 * Keeps deliveries in PostgreSQL until a worker has handled them.
 *
 * @typeParam Extras what the inbox adds to the context of handlers
 */
export interface PostgresInbox<Extras = unknown> extends Inbox<Extras>, PostgresMaintenance {
  close(): void;
}

/**
 * Creates an inbox in PostgreSQL, for any number of receivers and workers. Pass the pool of your application; in transaction
 * mode each handler that runs holds one of its connections. Works behind PgBouncer in transaction pooling mode: no session
 * state outlives a statement or transaction.
 *
 * @throws {TypeError} if an option is not valid, or `pool` is not a pool
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
export function postgresInbox<Client extends ClientLike>(
  pool: PoolLike<Client>,
  options?: PostgresInboxOptions & { mode?: "transaction" },
): PostgresInbox<{ readonly client: Client }>;
export function postgresInbox(
  pool: PoolLike,
  options: PostgresInboxOptions & { mode: "lease" },
): PostgresInbox;
export function postgresInbox<Client extends ClientLike>(
  pool: PoolLike<Client>,
  options: PostgresInboxOptions = {},
): PostgresInbox<{ readonly client: Client }> {
  assertPool("postgresInbox", pool);
  const settings = resolvePostgresInboxOptions(options);
  const { name } = settings;
  const definition = {
    name,
    columns: INBOX_COLUMNS,
    createSql: (sqlOptions: { withSchema: boolean }) => createInboxMigrationSql(name, sqlOptions),
  };
  return createInbox(createPoolExecutor(pool, settings), settings, () => migrate(pool, definition));
}

/** Creates the inbox of an executor. */
function createInbox<Extras>(
  executor: SqlExecutor<Extras>,
  settings: PostgresInboxSettings,
  migrate: () => Promise<void>,
): PostgresInbox<Extras> {
  const { query } = executor;
  const { clock, retentionMs, retentionSeconds, orderingKey } = settings;
  const statements = createInboxStatements(settings.name);
  const queue = new AcceptQueue({
    write: (deliveries) => writeDeliveries(query, statements.accept, deliveries, clock()),
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
      const table = new InboxTable(executor, statements, settings);
      const started = new PolledWork(table, settings, run);
      work = started;
      return {
        async close(limit) {
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
      migrate,
      deleteBatch: async (rows) =>
        readRows<number>(await query(statements.sweep, [rows, clock()]))[0]?.facts ?? 0,
      intervalMs: settings.sweepIntervalMs,
      onWarning: settings.onWarning,
    }),
  };
}
