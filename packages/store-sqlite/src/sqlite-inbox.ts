import type { Inbox, InboxWork, StoredDelivery } from "@ahasend-webhooks/core";
import { PolledWork } from "@ahasend-webhooks/core/inbox";

import { assertDatabase } from "./assert-database.js";
import { SqliteConnection } from "./connection.js";
import { createDeadLetters } from "./dead-letters.js";
import { InboxTable, type TakenRow } from "./inbox-table.js";
import { type SqliteInboxOptions, resolveSqliteInboxOptions } from "./options.js";
import { readStats } from "./read-stats.js";
import type { SqliteLike } from "./sqlite-like.js";
import { Sweeper } from "./sweeper.js";

/** An inbox in a SQLite database. It adds nothing to the context of handlers. */
export interface SqliteInbox extends Inbox<object> {
  /** Deletes handled deliveries that need not be remembered any longer, in small batches. @returns their number */
  sweep(): Promise<number>;
  /** Stops the clean-up and lets other processes use the database. Does not close the connection. */
  close(): void;
}

/**
 * Creates an inbox in a SQLite database, for one process: a delivery is acknowledged when it is on the disk, and handled in
 * the same process later, also after a crash. Give it a connection of its own; several inboxes can share it, each with a
 * table of its own.
 *
 * @throws {TypeError} if an option is not valid, or `db` is not a connection
 * @throws {Error} if another process uses the database as an inbox, or the database cannot be written to
 *
 * @example
 * const inbox = sqliteInbox(new DatabaseSync("ahasend.db"), { concurrency: 16 });
 * createReceiver({ secret, store: inbox, on: { "message.bounced": (event) => suppress(event.data.recipient) } });
 */
export function sqliteInbox(db: SqliteLike, options: SqliteInboxOptions = {}): SqliteInbox {
  assertDatabase("sqliteInbox", db);
  const settings = resolveSqliteInboxOptions(options);
  const { name, now, onWarning, retentionSeconds, orderingKey, sweepIntervalMs } = settings;
  const connection = SqliteConnection.of(db);
  connection.joinInbox();
  let isOpen = true;
  let hasLeft = false;
  let work: PolledWork<TakenRow, object> | undefined;
  let table: InboxTable;
  const recover = () => {
    // Another inbox on the same table may be at work.
    if (!connection.workedTables.has(name.table)) table.recover();
  };
  const startSweeper = () =>
    new Sweeper({ deleteBatch: (rows) => table.sweep(rows), intervalMs: sweepIntervalMs, onWarning });
  try {
    table = new InboxTable(connection, settings);
    recover();
  } catch (error) {
    connection.leaveInbox();
    throw error;
  }
  let sweeper = startSweeper();
  /** For a worker that starts after the inbox was closed: it must be alone with the file as well. */
  const rejoin = () => {
    connection.joinInbox();
    [isOpen, hasLeft] = [true, false];
    sweeper = startSweeper();
    recover();
  };
  const wake = () => work?.wake();
  /** Keeps other processes away while handlers run here. */
  const leaveIfDone = () => {
    if (isOpen || work !== undefined || hasLeft) return;
    hasLeft = true;
    connection.leaveInbox();
  };

  return {
    retentionSeconds,
    orderingKey,
    async accept(delivery: StoredDelivery) {
      const answer = await table.accept(delivery);
      if (answer === "accepted") wake();
      return answer;
    },
    work(run): InboxWork {
      if (connection.workedTables.has(name.table)) {
        throw new TypeError(
          `The deliveries in ${name.table} are being handled already: use one receiver or worker, or another table.`,
        );
      }
      if (hasLeft) rejoin();
      connection.workedTables.add(name.table);
      const started = new PolledWork(table, settings, run);
      work = started;
      return {
        async close(closing) {
          await started.close(closing);
          if (work !== started) return;
          work = undefined;
          connection.workedTables.delete(name.table);
          leaveIfDone();
        },
      };
    },
    stats: async () => readStats(connection, table.statements, now),
    deadLetters: createDeadLetters(connection, table.statements, { now, onReplay: wake }),
    sweep: () => sweeper.sweep(),
    close() {
      isOpen = false;
      sweeper.close();
      table.close();
      leaveIfDone();
    },
  };
}
