import { randomUUID } from "node:crypto";

import { type Inbox, type StoredDelivery, assertKnownOptions, toQuietWarning } from "@ahasend-webhooks/core";
import {
  AcceptDeadline,
  AcceptQueue,
  type InboxOptions,
  inboxOptionNames,
  resolveInboxOptions,
  toOptionMs,
  toQueueConcurrency,
  untilSuccess,
  withTimeout,
} from "@ahasend-webhooks/core/inbox";
import { isNotConnectionError } from "bullmq";

import { BullmqDeadLetters, type LimitTime } from "./bullmq-dead-letters.js";
import { type BullmqNewJob, type BullmqQueue, assertQueue } from "./bullmq-queue.js";
import { BullmqWork } from "./bullmq-work.js";
import { checkQueue } from "./check-queue.js";
import { findServer } from "./find-server.js";
import { toJobData, toJobId } from "./job-data.js";
import { PostgresServer } from "./postgres-server.js";
import { readStats } from "./read-stats.js";

/** Options of {@link bullmqInbox}. */
export interface BullmqInboxOptions extends Omit<InboxOptions, "concurrency" | "orderingKey"> {
  /** Deliveries that this process handles at the same time. Each takes the memory of its body. @default 8 */
  concurrency?: number;
  /** The `connection` of BullMQ's `Worker`: its options, or a client. @default that of the queue */
  connection?: object;
  /** Reject a call, such as one to accept a delivery, if the server has not answered after this many seconds. @default 3 */
  acceptTimeoutSeconds?: number;
  /** A delivery is free for other workers when its worker has not renewed the lock for this many seconds. @default 10 */
  lockSeconds?: number;
  /** Look for deliveries whose lock has ended every this many seconds. @default 5 */
  stalledCheckSeconds?: number;
  /** Called with a sentence about trouble with the server or with the queue. @default console.warn */
  onWarning?: (message: string, error?: unknown) => void;
}

const OWN_OPTIONS = Object.keys({
  connection: true,
  acceptTimeoutSeconds: true,
  lockSeconds: true,
  stalledCheckSeconds: true,
  onWarning: true,
} satisfies Record<Exclude<keyof BullmqInboxOptions, keyof InboxOptions>, true>);

/** An inbox on BullMQ. */
export interface BullmqInbox extends Inbox<object> {
  /**
   * Checks the server and the queue, and warns through `onWarning`. The first delivery and the first worker do the same.
   *
   * @throws {Error} if the server does not answer, or if the queue contains jobs of something else
   */
  ready(): Promise<void>;
}

/**
 * Creates an inbox that keeps deliveries in a queue of BullMQ, on Redis or PostgreSQL. The queue must be used for nothing else.
 *
 * The inbox never closes the queue.
 *
 * @throws {TypeError} if an option is not valid, or if BullMQ cannot do what it asks for
 *
 * @example
 * const inbox = bullmqInbox(new Queue("ahasend", { connection: { host: "127.0.0.1", port: 6379 } }));
 */
export function bullmqInbox(queue: BullmqQueue, options: BullmqInboxOptions = {}): BullmqInbox {
  assertQueue(queue);
  assertKnownOptions(options, [...OWN_OPTIONS, ...inboxOptionNames]);
  const server = findServer(queue);
  const settings = resolveInboxOptions(options);
  const concurrency = toQueueConcurrency(settings, "bullmqInbox");
  const acceptMs = toOptionMs("acceptTimeoutSeconds", options.acceptTimeoutSeconds ?? 3);
  const lockMs = toOptionMs("lockSeconds", options.lockSeconds ?? 10);
  const stalledCheckMs = toOptionMs("stalledCheckSeconds", options.stalledCheckSeconds ?? 5);
  const onWarning = toQuietWarning(options.onWarning);
  const connection = options.connection ?? queue.opts.connection;
  let work: BullmqWork | undefined;
  const deadline = new AcceptDeadline(acceptMs);
  const limitTime: LimitTime = (answer) => withTimeout(acceptMs, answer);
  const ready = untilSuccess(() => checkQueue(queue, server, onWarning));

  // The defaults of the queue must not change whether and when a delivery is handled, and each option costs Redis time.
  const noDefaults = Object.fromEntries(
    Object.keys(queue.opts.defaultJobOptions ?? {}).map((name) => [name, undefined]),
  );
  const toJob = (delivery: StoredDelivery): BullmqNewJob => {
    const data = toJobData(delivery);
    return {
      name: data.type,
      data,
      opts: {
        ...noDefaults,
        jobId: toJobId(delivery),
        token: randomUUID(),
        attempts: settings.maxAttempts,
        backoff: { type: "inbox" },
        // By age: duplicates of a job that is removed at once, or after a number of others, would be handled again.
        removeOnComplete: { age: Math.ceil(settings.retentionSeconds) },
      },
    };
  };
  const accepting = new AcceptQueue({
    isAboutData: (error) => error instanceof Error && isNotConnectionError(error),
    write: (deliveries) => server.addJobs(deliveries.map(toJob)),
  });
  const accept = async (delivery: StoredDelivery) => {
    await ready();
    return accepting.accept(delivery);
  };

  return {
    retentionSeconds: settings.retentionSeconds,
    ready: () => limitTime(ready()),
    accept: (delivery) => deadline.run(() => accept(delivery)),
    work(run) {
      if (work?.isClosed === false) throw new TypeError("This inbox already has a worker: close it first.");
      const { prefix } = queue.opts;
      const isPostgres = server instanceof PostgresServer;
      const connected = { queueName: queue.name, prefix, connection, isPostgres, ready };
      work = new BullmqWork({ ...connected, run, settings, concurrency, lockMs, stalledCheckMs, onWarning });
      return work;
    },
    stats: () => limitTime(readStats(queue, server)),
    deadLetters: new BullmqDeadLetters(queue, limitTime),
    async close() {
      await work?.close({ timeoutSeconds: 0 });
    },
  };
}
