import type { DeadLetter, DeadLetters } from "@ahasend-webhooks/core";
import { fromKeptDelivery, toDeadLetterIds } from "@ahasend-webhooks/core/inbox";

import type { BullmqJob, BullmqQueue } from "./bullmq-queue.js";
import { type JobData, readJobData } from "./job-data.js";

/** Jobs that failed in the same millisecond are not in order, so more are read than asked for. */
const SPARE = 16;

type Named = Parameters<DeadLetters["replay"]>[0];

/** The dead letters: the failed jobs of the queue. Those of something else are left alone. */
export class BullmqDeadLetters implements DeadLetters {
  readonly #queue: BullmqQueue;

  constructor(queue: BullmqQueue) {
    this.#queue = queue;
  }

  async list({ limit = 100 }: { limit?: number } = {}): Promise<DeadLetter[]> {
    const ids = await this.#queue.getRanges(["failed"], 0, limit + SPARE - 1, true);
    const letters: [failedAt: number, acceptedAt: number, letter: DeadLetter][] = [];
    // One after the other: each is read with its body.
    for (const id of ids) {
      const found = await this.#find(id);
      if (found === undefined) continue;
      const { job, data } = found;
      letters.push([job.finishedOn ?? 0, data.acceptedAt, toDeadLetter(id, job, data)]);
    }
    letters.sort(([a, aAccepted], [b, bAccepted]) => a - b || aAccepted - bAccepted);
    return letters.slice(0, limit).map(([, , letter]) => letter);
  }

  async inspect(id: string): Promise<(DeadLetter & { rawBody: Uint8Array }) | undefined> {
    const found = await this.#find(id);
    if (found === undefined) return undefined;
    const { rawBody } = fromKeptDelivery(found.data);
    return { ...toDeadLetter(id, found.job, found.data), rawBody };
  }

  replay(ids: Named): Promise<number> {
    return this.#each(ids, (job) => restart(job));
  }

  discard(ids: Named): Promise<number> {
    return this.#each(ids, async (job, data) => {
      // Without its bytes, the next worker completes the job, so that it is kept and forgotten like one that was handled.
      await job.updateData({ ...data, body: "", isDiscarded: true } satisfies JobData);
      return restart(job);
    });
  }

  async #each(ids: Named, act: (job: BullmqJob, data: JobData) => Promise<boolean>): Promise<number> {
    const named = toDeadLetterIds(ids);
    const list = named === "all" ? await this.#queue.getRanges(["failed"], 0, -1, true) : named;
    let count = 0;
    for (const id of list) {
      const found = await this.#find(id);
      if (found !== undefined && (await act(found.job, found.data))) count += 1;
    }
    return count;
  }

  async #find(id: string): Promise<{ job: BullmqJob; data: JobData } | undefined> {
    const job = await this.#queue.getJob(id);
    const data = readJobData(job?.data);
    if (job === undefined || data === undefined || !(await job.isFailed())) return undefined;
    return { job, data };
  }
}

/** @returns whether the job was still failed */
async function restart(job: BullmqJob): Promise<boolean> {
  try {
    await job.retry("failed", { resetAttemptsMade: true, resetAttemptsStarted: true });
    return true;
  } catch (error) {
    if (await job.isFailed()) throw error;
    return false;
  }
}

function toDeadLetter(id: string, job: BullmqJob, { endpoint, deliveryId, type }: JobData): DeadLetter {
  return {
    id,
    endpoint,
    deliveryId,
    type,
    attempts: job.attemptsStarted,
    error: job.stacktrace?.at(-1) ?? job.failedReason,
    receivedAt: new Date(job.timestamp),
  };
}
