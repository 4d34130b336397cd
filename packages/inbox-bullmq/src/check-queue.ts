import { type BullmqQueue, WAITING_STATES } from "./bullmq-queue.js";
import { readJobData } from "./job-data.js";
import type { QueueServer } from "./queue-server.js";

/**
 * Warns if the server may lose deliveries.
 *
 * @throws {Error} if the server does not answer, or if the queue contains jobs of something else
 */
export async function checkQueue(
  queue: BullmqQueue,
  server: QueueServer,
  warn: (message: string) => void,
): Promise<void> {
  // First: without the tables of BullMQ, a look at the jobs fails as well, and its error does not name the cure.
  const risks = await server.findRisks();
  await assertOwnQueue(queue);
  for (const risk of risks) warn(risk);
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
