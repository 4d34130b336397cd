import type { InboxStats } from "@ahasend-webhooks/core";

import { type BullmqQueue, WAITING_STATES, readClient } from "./bullmq-queue.js";

/** Jobs that are looked at in each state, to find the oldest: those that wait for a retry are not in the order of arrival. */
const OLDEST_OF = 100;

/** Counts the deliveries of a queue. */
export async function readStats(queue: BullmqQueue): Promise<InboxStats> {
  const {
    active = 0,
    failed = 0,
    ...waiting
  } = await queue.getJobCounts(...WAITING_STATES, "active", "failed");
  const client = await readClient(queue);
  const ids = await Promise.all(
    [...WAITING_STATES, "active" as const].map((state) => queue.getRanges([state], 0, OLDEST_OF - 1, true)),
  );
  // Not the whole jobs: their bodies may be large.
  const times = await Promise.all(ids.flat().map((id) => client.hget(queue.toKey(id), "timestamp")));
  const oldest = Math.min(...times.map((time) => Number(time ?? Infinity)));
  return {
    waiting: Object.values(waiting).reduce<number>((sum, count = 0) => sum + count, 0),
    active,
    deadLetters: failed,
    oldestSeconds: oldest === Infinity ? undefined : Math.max(0, (Date.now() - oldest) / 1000),
  };
}
