import type { InboxAdmin } from "@ahasend-webhooks/core";
import { resolveInboxOptions, untilSuccess } from "@ahasend-webhooks/core/inbox";

import { BossDeadLetters } from "./boss-dead-letters.js";
import { type BossNames, assertBoss, resolveNames } from "./boss-names.js";
import { BossQueue } from "./boss-queue.js";
import { DEFAULT_HEARTBEAT_SECONDS } from "./pg-boss-inbox.js";
import type { PgBossLike } from "./pg-boss-like.js";
import { readStats } from "./read-stats.js";

/**
 * Opens an inbox for people and scripts that look at it, beside the processes that work on it. Start pg-boss first. It
 * creates nothing: its methods reject if the queues do not exist.
 *
 * @throws {TypeError} if an option is not valid
 *
 * @example
 * const passive = { migrate: false, supervise: false, schedule: false, registerInstance: false };
 * const boss = new PgBoss({ connectionString, ...passive });
 * boss.on("error", console.error);
 * await boss.start();
 * const { stats, deadLetters } = pgBossInboxAdmin(boss);
 * console.log(await stats());
 */
export function pgBossInboxAdmin(boss: PgBossLike, options: BossNames = {}): InboxAdmin {
  assertBoss(boss);
  const { retentionSeconds } = resolveInboxOptions({});
  // The queues themselves say whether they are ordered, and for how long they keep jobs.
  const queues = new BossQueue(boss, {
    ...resolveNames(options),
    heartbeatSeconds: DEFAULT_HEARTBEAT_SECONDS,
    retentionSeconds,
    isOrdered: false,
  });
  const ready = untilSuccess(() => queues.open());
  return {
    async stats() {
      await ready();
      return readStats(queues);
    },
    deadLetters: new BossDeadLetters(queues, ready),
  };
}
