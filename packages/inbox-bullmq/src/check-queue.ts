import { type BullmqClient, type BullmqQueue, WAITING_STATES, readClient } from "./bullmq-queue.js";
import { readJobData } from "./job-data.js";

/**
 * Warns if Redis may lose deliveries.
 *
 * @throws {Error} if Redis does not answer, or if the queue contains jobs of something else
 */
export async function checkQueue(
  queue: BullmqQueue,
  warn: (message: string, error?: unknown) => void,
): Promise<void> {
  const client = await readClient(queue);
  await Promise.all([checkServer(client, warn), assertOwnQueue(queue)]);
}

async function checkServer(client: BullmqClient, warn: (message: string) => void): Promise<void> {
  const info = await client.info();
  const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1];
  if (policy !== undefined && policy !== "noeviction") {
    warn(
      `Redis evicts keys when its memory is full (maxmemory-policy ${policy}), and then deliveries are lost: set maxmemory-policy to noeviction.`,
    );
  }
  if (/^aof_enabled:0/m.test(info)) {
    warn(
      "Redis does not write deliveries to its append-only file, so that a crash loses them: set appendonly to yes.",
    );
  }
}

/** A look at the first job of each state: jobs of something else would fail, and their workers would fail deliveries. */
async function assertOwnQueue(queue: BullmqQueue): Promise<void> {
  for (const state of [...WAITING_STATES, "active", "completed", "failed"] as const) {
    const [id] = await queue.getRanges([state], 0, 0, true);
    const job = id === undefined ? undefined : await queue.getJob(id);
    if (job === undefined || readJobData(job.data) !== undefined) continue;
    throw new Error(
      `The queue ${JSON.stringify(queue.name)} contains jobs of something else: give the inbox a queue of its own.`,
    );
  }
}
