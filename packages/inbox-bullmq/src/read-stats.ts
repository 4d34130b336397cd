import type { InboxStats } from "@ahasend-webhooks/core";

import { type BullmqQueue, WAITING_STATES } from "./bullmq-queue.js";
import type { QueueServer } from "./queue-server.js";

/** Jobs that are looked at in each state, to find the oldest: those that wait for a retry are not in the order of arrival. */
const OLDEST_OF = 100;

/** Counts the deliveries of a queue. */
export async function readStats(queue: BullmqQueue, server: QueueServer): Promise<InboxStats> {
  const {
    active = 0,
    failed = 0,
    ...waiting
  } = await queue.getJobCounts(...WAITING_STATES, "active", "failed");
  const ids = await Promise.all(
    [...WAITING_STATES, "active" as const].map((state) => queue.getRanges([state], 0, OLDEST_OF - 1, true)),
  );
  const oldest = Math.min(...(await server.readTimestamps(ids.flat())));
  return {
    waiting: Object.values(waiting).reduce<number>((sum, count = 0) => sum + count, 0),
    active,
    deadLetters: failed,
    oldestSeconds: oldest === Infinity ? undefined : Math.max(0, (Date.now() - oldest) / 1000),
  };
}
