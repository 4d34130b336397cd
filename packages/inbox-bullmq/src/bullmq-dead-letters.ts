import type { DeadLetter, DeadLetters } from "@ahasend-webhooks/core";
import { fromKeptDelivery, toDeadLetterIds, toDeadLetterLimit } from "@ahasend-webhooks/core/inbox";

import type { BullmqJob, BullmqQueue } from "./bullmq-queue.js";
import { type JobData, readJobData } from "./job-data.js";

/** Jobs that failed in the same millisecond are not in order, so more are read than asked for. */
const SPARE = 16;

/** BullMQ takes a job whose workers were lost once more, only to fail it with this, and counts that as well. */
const STALLED = "job stalled more than allowable limit";

type Named = Parameters<DeadLetters["replay"]>[0];

/** Rejects if the server takes too long to answer: for each answer, because there are as many as dead letters. */
export type LimitTime = <T>(answer: Promise<T>) => Promise<T>;

/** The dead letters: the failed jobs of the queue. Those of something else are left alone. */
export class BullmqDeadLetters implements DeadLetters {
  readonly #queue: BullmqQueue;
  readonly #limitTime: LimitTime;

  constructor(queue: BullmqQueue, limitTime: LimitTime) {
    this.#queue = queue;
    this.#limitTime = limitTime;
  }

  async list(options?: { limit?: number }): Promise<DeadLetter[]> {
    const limit = toDeadLetterLimit(options);
    const ids = await this.#readIds(limit + SPARE - 1);
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
    return this.#each(ids, (job) => this.#restart(job));
  }

  discard(ids: Named): Promise<number> {
    return this.#each(ids, async (job, data) => {
      // Without its bytes, the next worker completes the job, so that it is kept and forgotten like one that was handled.
      await this.#limitTime(job.updateData({ ...data, body: "", isDiscarded: true } satisfies JobData));
      // If somebody replays it at this moment, it has been restarted already: it is not handled again, unless a worker has read it.
      await this.#restart(job);
      return true;
    });
  }

  async #each(ids: Named, act: (job: BullmqJob, data: JobData) => Promise<boolean>): Promise<number> {
    const named = toDeadLetterIds(ids);
    const list = named === "all" ? await this.#readIds(-1) : named;
    let count = 0;
    for (const id of list) {
      const found = await this.#find(id);
      if (found !== undefined && (await act(found.job, found.data))) count += 1;
    }
    return count;
  }

  async #find(id: string): Promise<{ job: BullmqJob; data: JobData } | undefined> {
    const job = await this.#limitTime(this.#queue.getJob(id));
    const data = readJobData(job?.data);
    if (job === undefined || data === undefined) return undefined;
    return (await this.#limitTime(job.isFailed())) ? { job, data } : undefined;
  }

  /** Returns the ids of failed jobs, from the oldest to that at an index, where -1 is the last. */
  #readIds(end: number): Promise<string[]> {
    return this.#limitTime(this.#queue.getRanges(["failed"], 0, end, true));
  }

  /** @returns whether the job was still failed */
  async #restart(job: BullmqJob): Promise<boolean> {
    try {
      await this.#limitTime(job.retry("failed", { resetAttemptsMade: true, resetAttemptsStarted: true }));
      return true;
    } catch (error) {
      if (await this.#limitTime(job.isFailed())) throw error;
      return false;
    }
  }
}

function toDeadLetter(id: string, job: BullmqJob, { endpoint, deliveryId, type }: JobData): DeadLetter {
  return {
    id,
    endpoint,
    deliveryId,
    type,
    attempts: job.attemptsStarted - (job.failedReason === STALLED ? 1 : 0),
    error: job.stacktrace?.at(-1) ?? job.failedReason,
    receivedAt: new Date(job.timestamp),
  };
}
