import type { InboxVerdict, InboxWork, RunDelivery } from "@ahasend-webhooks/core";
import { describeError } from "@ahasend-webhooks/core";
import {
  type InboxSettings,
  fromKeptDelivery,
  settlesWithin,
  withTimeout,
} from "@ahasend-webhooks/core/inbox";
import { type Job, type Processor, UnrecoverableError, WaitingError, type WorkerOptions } from "bullmq";

import { readJobData } from "./job-data.js";
import { QueueWorker, postgresBackend } from "./queue-worker.js";

/** Options of {@link BullmqWork}. */
export interface BullmqWorkOptions {
  queueName: string;
  prefix: string | undefined;
  connection: unknown;
  /** The queue is on PostgreSQL instead of Redis. */
  isPostgres: boolean;
  /** Resolves when the queue may be used. */
  ready: () => Promise<void>;
  run: RunDelivery<object>;
  settings: InboxSettings;
  concurrency: number;
  lockMs: number;
  stalledCheckMs: number;
  onWarning: (message: string, error?: unknown) => void;
}

/** Handlers whose signal has fired may still finish within this time, and so may the connection to the server. */
const LAST_MOMENT_MS = 1000;

/** A worker of BullMQ that runs the handlers of deliveries. */
export class BullmqWork implements InboxWork {
  readonly #options: BullmqWorkOptions;
  readonly #worker: QueueWorker;
  /** One for each handler: Node.js takes more than ten listeners of one signal for a leak. */
  readonly #closings = new Set<AbortController>();
  readonly #verdicts = new WeakMap<Job, InboxVerdict>();
  readonly #running = new Set<Promise<unknown>>();
  #retry: ReturnType<typeof setTimeout> | undefined;
  #closed: Promise<void> | undefined;
  #giveUp: () => void = () => undefined;
  /** Resolves when a call of `close` has waited for long enough: the others then end as well. */
  readonly #givenUp = new Promise<void>((resolve) => (this.#giveUp = resolve));

  constructor(options: BullmqWorkOptions) {
    this.#options = options;
    const { queueName, prefix, connection, settings, concurrency, lockMs, stalledCheckMs } = options;
    const workerOptions = {
      connection: connection as WorkerOptions["connection"],
      ...(prefix === undefined ? {} : { prefix }),
      autorun: false,
      concurrency,
      lockDuration: lockMs,
      stalledInterval: stalledCheckMs,
      // Of PostgreSQL; BullMQ would pause for 15 seconds after an outage.
      runRetryDelay: stalledCheckMs,
      // A delivery that ends its process must become a dead letter as well.
      maxStalledCount: settings.maxAttempts - 1,
      settings: {
        backoffStrategy: (_attempts, _type, _error, job) =>
          settings.backoffMs((job as Job | undefined)?.attemptsStarted ?? 1),
      },
    } satisfies WorkerOptions;
    const handle: Processor<unknown, null> = (job, token) => this.#handle(job, token);
    this.#worker = options.isPostgres
      ? new QueueWorker(queueName, handle, workerOptions, postgresBackend)
      : new QueueWorker(queueName, handle, workerOptions);
    this.#worker.onProcess = (processed) => this.#track(processed);
    this.#worker.onUnwritten = (job, error) => this.#report(job, error);
    this.#worker.on("completed", (job) => {
      this.#report(job);
      this.#track(forgetBody(job));
    });
    this.#worker.on("failed", (job) => this.#reportFailed(job));
    this.#worker.on("error", (error) => {
      options.onWarning("The worker could not read or write the queue, and tries it again.", error);
    });
    void this.#start();
  }

  /** True when the next worker may start. */
  get isClosed(): boolean {
    return this.#closed !== undefined;
  }

  close({ timeoutSeconds }: { timeoutSeconds: number }): Promise<void> {
    const drained = this.#drain(timeoutSeconds * 1000);
    // A later call must not be the one that reports.
    drained.catch(() => undefined);
    this.#closed ??= drained.then(() => this.#disconnect());
    return this.#closed;
  }

  async #drain(timeoutMs: number): Promise<void> {
    clearTimeout(this.#retry);
    // Worker.close() would wait for the handlers without a limit.
    await this.#worker.pause(true);
    const running = () => this.#running.values();
    if (await settlesWithin(timeoutMs, running, this.#givenUp)) return;
    for (const closing of this.#closings) closing.abort(new Error("The worker closes."));
    await settlesWithin(LAST_MOMENT_MS, running, this.#givenUp);
    this.#giveUp();
  }

  async #disconnect(): Promise<void> {
    // A connection that is still being made would stay open.
    await withTimeout(LAST_MOMENT_MS, this.#worker.waitUntilReady()).catch(() => undefined);
    const closed = this.#worker.close(this.#running.size > 0);
    // Without the server, it would try to connect forever.
    await withTimeout(LAST_MOMENT_MS, closed).catch(() => this.#track(this.#worker.disconnect()));
  }

  /** Jobs of something else would fail, so the worker waits until there are none. */
  async #start(): Promise<void> {
    const { ready, stalledCheckMs, onWarning } = this.#options;
    try {
      await ready();
      // With a worker that was closed meanwhile this does nothing.
      await this.#worker.run();
    } catch (error) {
      if (this.isClosed) return;
      onWarning("The worker could not start, and tries it again.", error);
      this.#retry = setTimeout(() => void this.#start(), stalledCheckMs);
    }
  }

  #track(promise: Promise<unknown>): void {
    const settled = promise.then(
      () => undefined,
      () => undefined,
    );
    this.#running.add(settled);
    void settled.then(() => this.#running.delete(settled));
  }

  async #handle(job: Job, token: string | undefined): Promise<null> {
    const { run, settings } = this.#options;
    const data = readJobData(job.data);
    if (data === undefined)
      throw new UnrecoverableError("This job is not a delivery: give the inbox a queue of its own.");
    if (data.isDiscarded === true) return null;
    if (this.#closed !== undefined) {
      // It was on its way when the worker closed.
      await job.moveToWait(token);
      throw new WaitingError();
    }
    const { maxAttempts, handlerTimeoutMs } = settings;
    const closing = new AbortController();
    this.#closings.add(closing);
    const verdict = await run(fromKeptDelivery(data), {
      attempt: job.attemptsStarted,
      maxAttempts,
      timeoutMs: handlerTimeoutMs,
      closing: closing.signal,
    }).finally(() => this.#closings.delete(closing));
    this.#verdicts.set(job, verdict);
    if (verdict.state === "handled") return null;
    // The process that accepted the delivery may have another limit.
    job.opts.attempts = maxAttempts;
    throw toFailure(verdict);
  }

  #reportFailed(job: Job | undefined): void {
    if (job !== undefined && this.#verdicts.has(job)) {
      this.#report(job);
      return;
    }
    // Without a verdict: its workers were killed each time, or it is not a delivery. Only BullMQ's own words are logged.
    this.#options.onWarning(
      `A job has failed before a handler could run: ${job?.failedReason ?? "it is gone"}`,
    );
  }

  #report(job: Job, error?: unknown): void {
    this.#verdicts.get(job)?.report(error);
    this.#verdicts.delete(job);
  }
}

/** A completed job is kept so that duplicates are recognized; its body would only take memory until then. */
async function forgetBody(job: Job): Promise<void> {
  const data = readJobData(job.data);
  if (data !== undefined && data.body !== "") await job.updateData({ ...data, body: "" });
}

/**
 * Returns an error of our own: BullMQ reads orders from the names and messages of errors, and some libraries throw things
 * that are not errors.
 */
function toFailure({ state, error }: InboxVerdict): Error {
  // Of whole characters: PostgreSQL refuses halves in JSON, and an error may quote them.
  const description = Buffer.from(describeError(error)).toString();
  const failure = state === "dead" ? new UnrecoverableError() : new Error();
  failure.message = description.split("\n", 1)[0] ?? "";
  failure.stack = description;
  return failure;
}
