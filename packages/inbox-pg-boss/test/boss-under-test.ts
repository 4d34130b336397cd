import { randomUUID } from "node:crypto";

import type { InboxOptions } from "@ahasend-webhooks/core/inbox";
import { PgBoss } from "pg-boss";

import { type PgBossInboxOptions, pgBossInbox } from "../src/index.js";

/** Starts a pg-boss that does nothing by itself. */
export async function startBoss(connectionString: string): Promise<PgBoss> {
  const boss = new PgBoss({ connectionString, supervise: false, schedule: false });
  boss.on("error", () => undefined);
  return boss.start();
}

/** Opens inboxes on an empty queue. */
export function openQueue(boss: PgBoss) {
  const queue = `queue_${randomUUID().replaceAll("-", "")}`;
  const openInbox = (options: PgBossInboxOptions = {}) =>
    pgBossInbox(boss, { queue, pollSeconds: 0.05, acceptTimeoutSeconds: 30, ...options });
  return {
    queue,
    openInbox,
    /** For the contract, whose cases know all options. */
    open: (options: InboxOptions) => openInbox(options as PgBossInboxOptions),
    expireLeases: async () => {
      const text = "UPDATE pgboss.job SET heartbeat_on = heartbeat_on - interval '1 day' WHERE name = $1";
      await boss.getDb().executeSql(text, [queue]);
      // It would look at the queue only once a minute.
      await boss
        .getDb()
        .executeSql("UPDATE pgboss.queue SET monitor_on = NULL, monitor_claim_on = NULL WHERE name = $1", [
          queue,
        ]);
      await boss.supervise(queue);
    },
  };
}

/** The same with the option `orderingKey`, for deliveries that have a key already. */
export function openOrderedQueue(boss: PgBoss) {
  const subject = openQueue(boss);
  const open = (options: InboxOptions) => subject.open({ orderingKey: () => undefined, ...options });
  return { ...subject, open };
}
