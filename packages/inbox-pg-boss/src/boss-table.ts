import { type InboxVerdict, describeError } from "@ahasend-webhooks/core";
import {
  type BoundRun,
  type InboxSettings,
  type KeptDelivery,
  type PolledTable,
  type TakenDelivery,
  fromKeptDelivery,
  isKeptDelivery,
} from "@ahasend-webhooks/core/inbox";

import { type BossQueue, assertOurs } from "./boss-queue.js";
import type { BossJob } from "./pg-boss-like.js";

/** A job that this process has taken. */
export interface TakenJob extends TakenDelivery {
  readonly job: BossJob;
  readonly kept: KeptDelivery;
}

/** Options of {@link BossTable}. */
export interface BossTableOptions {
  settings: InboxSettings;
  heartbeatSeconds: number;
  pollMs: number;
  ready: () => Promise<void>;
  onWarning: (message: string, error?: unknown) => void;
}

/**
 * The queue as a table to work on. `boss.work()` is not used: it waits for the slowest of a batch before it takes more,
 * has no limit when it stops, and knows no pause of its own for each retry.
 */
export class BossTable implements PolledTable<TakenJob, object> {
  readonly pollMs: number;
  readonly renewMs: number;
  readonly #queue: BossQueue;
  readonly #options: BossTableOptions;

  constructor(queue: BossQueue, options: BossTableOptions) {
    this.#queue = queue;
    this.#options = options;
    this.pollMs = options.pollMs;
    this.renewMs = (options.heartbeatSeconds * 1000) / 3;
  }

  async take(limit: number): Promise<TakenJob[]> {
    await this.#options.ready();
    const { boss, name } = this.#queue;
    for (;;) {
      const jobs = await boss.fetch(name, { batchSize: limit, includeMetadata: true });
      const taken: TakenJob[] = [];
      for (const job of jobs) {
        const kept = await this.#accept(job);
        if (kept !== undefined)
          taken.push({ job, kept, delivery: fromKeptDelivery(kept), attempt: job.retryCount + 1 });
      }
      // Jobs that were put away must not look like an empty queue.
      if (taken.length > 0 || jobs.length === 0) return taken;
    }
  }

  async handle({ job, kept }: TakenJob, run: BoundRun<object>): Promise<void> {
    const verdict = await run();
    try {
      await this.#write(job, kept, verdict);
    } catch (error) {
      verdict.report(error);
      return;
    }
    verdict.report();
  }

  async renew(taken: readonly TakenJob[]): Promise<void> {
    const attempts = taken.map(({ job: { id, retryCount } }) => ({ id, retryCount }));
    await this.#queue.boss.touch(this.#queue.name, attempts);
  }

  async nextDueInMs(): Promise<number | undefined> {
    // What waits behind another delivery with its key is not due.
    const isFirst = this.#queue.isOrdered
      ? "AND NOT EXISTS (SELECT FROM $table b WHERE b.name = $1 AND b.singleton_key = j.singleton_key AND b.state IN ('active', 'retry') AND b.id <> j.id)"
      : "";
    const [row] = await this.#queue.query(
      "live",
      `SELECT (extract(epoch FROM min(start_after) - now()) * 1000)::float8 AS due FROM $table j WHERE name = $1 AND state < 'active' ${isFirst}`,
    );
    return typeof row?.["due"] === "number" ? row["due"] : undefined;
  }

  onWarning(message: string, error: unknown): void {
    this.#options.onWarning(`${message}.`, error);
  }

  /** Returns the delivery of a job, unless it is put away: it is of something else, or has ended its workers each time. */
  async #accept(job: BossJob): Promise<KeptDelivery | undefined> {
    const { boss, name } = this.#queue;
    const { data, id, retryCount } = job;
    const { onWarning, settings } = this.#options;
    if (!isKeptDelivery(data)) {
      onWarning(`A job in the queue ${name} is not a delivery: give the inbox a queue of its own.`);
      await boss.deleteJob(name, { id, retryCount });
      return undefined;
    }
    if (retryCount < settings.maxAttempts) return data;
    const error = `The delivery has ended its worker in the last of ${retryCount} attempts.`;
    await this.#queue.bury(job, data, toFailure(job, error, retryCount));
    onWarning("A delivery is a dead letter because its workers ended before its handler did.");
    return undefined;
  }

  async #write(job: BossJob, kept: KeptDelivery, { state, error }: InboxVerdict): Promise<void> {
    const { boss, name } = this.#queue;
    const { id, retryCount } = job;
    if (state === "handled") {
      assertOurs(await boss.complete(name, { id, retryCount }, null));
      return;
    }
    const description = toWellFormed(describeError(error));
    const attempts = retryCount + 1;
    if (state === "dead") {
      await this.#queue.bury(job, kept, toFailure(job, description, attempts));
      return;
    }
    const startAfter = this.#options.settings.backoffMs(attempts) / 1000;
    await this.#queue.transaction(async (db) => {
      assertOurs(await boss.fail(name, { id, retryCount }, { error: description }, { db }));
      if (startAfter > 0) await boss.update(name, undefined, { id, startAfter, db });
    });
  }
}

function toFailure(job: BossJob, error: string, attempts: number) {
  return { error, attempts, receivedAt: job.createdOn.getTime(), singletonKey: job.singletonKey };
}

/** Replaces half characters, which PostgreSQL refuses in JSON: an error may quote them. */
function toWellFormed(text: string): string {
  return Buffer.from(text).toString();
}
