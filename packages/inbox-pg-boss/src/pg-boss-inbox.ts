import { type Inbox, assertKnownOptions, toQuietWarning } from "@ahasend-webhooks/core";
import {
  AcceptDeadline,
  AcceptQueue,
  type InboxOptions,
  PolledWork,
  inboxOptionNames,
  resolveInboxOptions,
  toOptionMs,
  toQueueConcurrency,
  untilSuccess,
} from "@ahasend-webhooks/core/inbox";

import { BossDeadLetters } from "./boss-dead-letters.js";
import { BossQueue } from "./boss-queue.js";
import { BossTable, type TakenJob } from "./boss-table.js";
import { type BossNames, assertBoss, resolveNames } from "./boss-names.js";
import type { BossDatabase, PgBossLike } from "./pg-boss-like.js";
import { readStats } from "./read-stats.js";
import { MAX_JOB_SECONDS } from "./send-options.js";

/** Options of {@link pgBossInbox}. */
export interface PgBossInboxOptions extends Omit<InboxOptions, "concurrency">, BossNames {
  /** Deliveries that this process handles at the same time. Each takes the memory of its body. @default 8 */
  concurrency?: number;
  /** Returns the open transaction that a delivery is accepted in, `undefined` if there is none. @default none */
  db?: () => BossDatabase | undefined;
  /** Fail to accept a delivery if PostgreSQL has not confirmed it after this many seconds. @default 3 */
  acceptTimeoutSeconds?: number;
  /** A delivery is free for other workers when its worker was silent for this many seconds; at least 10. @default 30 */
  heartbeatSeconds?: number;
  /** Look for deliveries of other processes every this many seconds. @default 1 */
  pollSeconds?: number;
  /** Called with a sentence about trouble with PostgreSQL or with the queue. @default console.warn */
  onWarning?: (message: string, error?: unknown) => void;
}

const OWN_OPTIONS = Object.keys({
  queue: true,
  schema: true,
  db: true,
  acceptTimeoutSeconds: true,
  heartbeatSeconds: true,
  pollSeconds: true,
  onWarning: true,
} satisfies Record<Exclude<keyof PgBossInboxOptions, keyof InboxOptions>, true>);

/** An inbox on pg-boss. */
export interface PgBossInbox extends Inbox<object> {
  /**
   * Creates the queues, unless they exist. The first delivery and the first worker do the same.
   *
   * @throws {Error} if pg-boss is not started, or if the queue is used by something else
   */
  ready(): Promise<void>;
}

const MAX_HEARTBEAT_SECONDS = 86_400;
export const DEFAULT_HEARTBEAT_SECONDS = 30;

/**
 * Creates an inbox that keeps deliveries in a queue of pg-boss, in PostgreSQL. Start pg-boss first.
 *
 * The inbox never stops pg-boss.
 *
 * @throws {TypeError} if an option is not valid, or if pg-boss cannot do what it asks for
 *
 * @example
 * const boss = new PgBoss(process.env.DATABASE_URL);
 * boss.on("error", console.error);
 * await boss.start();
 * const inbox = pgBossInbox(boss);
 */
export function pgBossInbox(boss: PgBossLike, options: PgBossInboxOptions = {}): PgBossInbox {
  assertBoss(boss);
  assertKnownOptions(options, [...OWN_OPTIONS, ...inboxOptionNames]);
  const settings = resolveInboxOptions(options);
  const { orderingKey } = settings;
  toQueueConcurrency({ ...settings, orderingKey: undefined }, "pgBossInbox");
  const { queue, schema } = resolveNames(options);
  const { heartbeatSeconds = DEFAULT_HEARTBEAT_SECONDS, db } = options;
  if (settings.handlerTimeoutMs >= MAX_JOB_SECONDS * 1000) {
    throw new TypeError(
      `handlerTimeoutSeconds must be less than ${MAX_JOB_SECONDS}: pg-boss ends jobs after a day.`,
    );
  }
  if (
    !(
      Number.isInteger(heartbeatSeconds) &&
      heartbeatSeconds >= 10 &&
      heartbeatSeconds <= MAX_HEARTBEAT_SECONDS
    )
  ) {
    throw new TypeError(`heartbeatSeconds must be a whole number from 10 to ${MAX_HEARTBEAT_SECONDS}.`);
  }
  const deadline = new AcceptDeadline(toOptionMs("acceptTimeoutSeconds", options.acceptTimeoutSeconds ?? 3));
  const pollMs = toOptionMs("pollSeconds", options.pollSeconds ?? 1);
  const onWarning = toQuietWarning(options.onWarning);
  const { retentionSeconds } = settings;
  const queues = new BossQueue(boss, {
    queue,
    schema,
    heartbeatSeconds,
    retentionSeconds,
    isOrdered: orderingKey !== undefined,
  });
  const ready = untilSuccess(async () => {
    if (boss.listenerCount("error") === 0) {
      onWarning(
        'An error of pg-boss would end the process: add boss.on("error", (error) => console.error(error)).',
      );
    }
    await queues.create();
  });
  const accepting = new AcceptQueue({
    write: (deliveries) => queues.insert(deliveries),
    // An error of the connection costs a second try at most.
    isAboutData: () => true,
  });
  let work: PolledWork<TakenJob, object> | undefined;
  return {
    retentionSeconds,
    orderingKey,
    ready,
    async accept(delivery) {
      const answer = await deadline.run(async () => {
        await ready();
        const transaction = db?.();
        if (transaction === undefined) return accepting.accept(delivery);
        const [isNew] = await queues.insert([delivery], transaction);
        return isNew === true ? "accepted" : "duplicate";
      });
      if (answer === "accepted") work?.wake();
      return answer;
    },
    work(run) {
      if (work !== undefined) throw new TypeError("This inbox already has a worker: close it first.");
      const table = new BossTable(queues, { settings, heartbeatSeconds, pollMs, ready, onWarning });
      const started = new PolledWork(table, settings, run);
      work = started;
      return {
        close(closing) {
          if (work === started) work = undefined;
          return started.close(closing);
        },
      };
    },
    async stats() {
      await ready();
      return readStats(queues);
    },
    deadLetters: new BossDeadLetters(queues, ready),
    async close() {
      await work?.close({ timeoutSeconds: 0 });
    },
  };
}
