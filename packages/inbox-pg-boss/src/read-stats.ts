import type { InboxStats } from "@ahasend-webhooks/core";

import type { BossQueue } from "./boss-queue.js";

/** Counts the deliveries of an inbox. */
export async function readStats(queues: BossQueue): Promise<InboxStats> {
  const [live] = await queues.query(
    "live",
    "SELECT count(*) FILTER (WHERE state < 'active') AS waiting, count(*) FILTER (WHERE state = 'active') AS active, extract(epoch FROM now() - min(created_on))::float8 AS oldest FROM $table WHERE name = $1 AND state < 'completed'",
  );
  const [dead] = await queues.query(
    "dead",
    "SELECT count(*) AS letters FROM $table WHERE name = $1 AND state < 'completed'",
  );
  const oldest = live?.["oldest"];
  return {
    waiting: Number(live?.["waiting"]),
    active: Number(live?.["active"]),
    deadLetters: Number(dead?.["letters"]),
    oldestSeconds: typeof oldest === "number" ? Math.max(0, oldest) : undefined,
  };
}
