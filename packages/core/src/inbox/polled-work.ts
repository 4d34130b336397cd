import { MAX_TIMER_SECONDS } from "../contract.js";
import { isPromiseLike } from "../promise-like.js";
import type { InboxWork, RunDelivery, StoredDelivery } from "../stores/inbox.js";
import { ConcurrencyGauge, type TypeFilter } from "./concurrency.js";
import type { InboxSettings } from "./inbox-options.js";
import { settlesWithin } from "./settles-within.js";

/** A delivery that this process has taken, to handle it. */
export interface TakenDelivery {
  readonly delivery: StoredDelivery;
  /** Counts the attempts, from 1. */
  readonly attempt: number;
}

/** The operations of a table that is an inbox. */
export interface PolledTable<Taken extends TakenDelivery, Extras> {
  /** Takes up to `limit` deliveries that are due, the oldest first, and counts an attempt for each. */
  take(limit: number, types: TypeFilter): Promise<readonly Taken[]>;
  /**
   * Runs a delivery that was taken and writes its verdict down.
   *
   * @param run never rejects; `attempt` is complete but for what the table adds
   */
  handle(taken: Taken, run: BoundRun<Extras>): Promise<void>;
  /** Keeps the deliveries from other workers for longer. Called every `renewMs` milliseconds, if that is set. */
  renew?(taken: readonly Taken[]): Promise<void>;
  readonly renewMs?: number;
  /** Returns after how many milliseconds the next delivery of these types is due, `undefined` if none is waiting. */
  nextDueInMs(types: TypeFilter): Promise<number | undefined>;
  /** Looks for deliveries of other processes after this many milliseconds. */
  readonly pollMs: number;
  /** A sentence about trouble with the table. It is tried again. */
  onWarning(message: string, error: unknown): void;
}

/** {@link RunDelivery} for one delivery that was taken. `lost` fires when the handler runs for nothing, and stops it. */
export type BoundRun<Extras> = (extras?: Extras, lost?: AbortSignal) => ReturnType<RunDelivery<Extras>>;

const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 10_000;
/** Handlers whose signal has fired may still finish within this time. */
const LAST_MOMENT_MS = 1000;

/**
 * The loop of an inbox that is a table: takes what is due, as much as may run at the same time, and sleeps until more is
 * due, {@link wake} is called, or it is time to look for deliveries of other processes.
 */
export class PolledWork<Taken extends TakenDelivery, Extras> implements InboxWork {
  readonly #table: PolledTable<Taken, Extras>;
  readonly #settings: InboxSettings;
  readonly #run: RunDelivery<Extras>;
  readonly #gauge: ConcurrencyGauge;
  readonly #running = new Map<Taken, Promise<void>>();
  /** One for each handler: a signal that all share would warn of a leak from the 11th on. */
  readonly #closings = new Set<AbortController>();
  readonly #renewal: ReturnType<typeof setInterval> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #taking: Promise<void> | undefined;
  #isWoken = false;
  #isClosed = false;
  #isHurried = false;
  #retryMs = FIRST_RETRY_MS;
  #giveUp: () => void = () => undefined;
  /** Resolves when a call of `close` has waited for long enough: the others then end as well. */
  readonly #givenUp = new Promise<void>((resolve) => (this.#giveUp = resolve));

  constructor(table: PolledTable<Taken, Extras>, settings: InboxSettings, run: RunDelivery<Extras>) {
    this.#table = table;
    this.#settings = settings;
    this.#run = run;
    this.#gauge = new ConcurrencyGauge(settings.concurrency);
    if (table.renewMs !== undefined) {
      this.#renewal = setInterval(() => void this.#renew(), table.renewMs);
      this.#renewal.unref?.();
    }
    this.wake();
  }

  /** Looks for deliveries now: one was accepted, or may be due. */
  wake(): void {
    if (this.#taking !== undefined) this.#isWoken = true;
    else if (!this.#isClosed && this.#gauge.free > 0) this.#taking = this.#takeAll();
  }

  async close({ timeoutSeconds }: { timeoutSeconds: number }): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    const pending = () => this.#pending();
    if (!(await settlesWithin(timeoutSeconds * 1000, pending, this.#givenUp))) {
      this.#isHurried = true;
      for (const closing of this.#closings) abort(closing);
      await settlesWithin(LAST_MOMENT_MS, pending, this.#givenUp);
      this.#giveUp();
    }
    clearInterval(this.#renewal);
  }

  /** The handlers that are running. Deliveries that are being taken are handled as well: they already count an attempt. */
  *#pending(): Iterable<Promise<void>> {
    if (this.#taking !== undefined) yield this.#taking;
    yield* this.#running.values();
  }

  async #takeAll(): Promise<void> {
    clearTimeout(this.#timer);
    let sleepMs = this.#table.pollMs;
    try {
      do {
        this.#isWoken = false;
        sleepMs = await this.#takeDue();
      } while (this.#isWoken && !this.#isClosed && this.#gauge.free > 0);
      this.#retryMs = FIRST_RETRY_MS;
    } catch (error) {
      sleepMs = this.#retryMs;
      this.#retryMs = Math.min(this.#retryMs * 2, MAX_RETRY_MS);
      this.#table.onWarning("The inbox could not be read, and is tried again", error);
    } finally {
      this.#taking = undefined;
    }
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => this.wake(), sleepMs);
  }

  /** Takes what is due, as much as may run. @returns the milliseconds until there may be more */
  async #takeDue(): Promise<number> {
    for (;;) {
      const limit = this.#gauge.free;
      // The next handler that ends wakes it.
      if (limit === 0 || this.#isClosed) return this.#table.pollMs;
      const taken = await this.#table.take(limit, this.#gauge.filter);
      for (const one of taken) this.#start(one);
      if (taken.length < limit) break;
    }
    // Without the types that may not run now: what is due of them would be looked for without pause.
    const dueInMs = await this.#table.nextDueInMs(this.#gauge.filter);
    return Math.max(1, Math.min(dueInMs ?? Infinity, this.#table.pollMs, MAX_TIMER_SECONDS * 1000));
  }

  #start(taken: Taken): void {
    const { type } = taken.delivery;
    this.#gauge.start(type);
    const handled = this.#handle(taken).finally(() => {
      this.#running.delete(taken);
      this.#gauge.end(type);
      this.wake();
    });
    this.#running.set(taken, handled);
  }

  async #handle(taken: Taken): Promise<void> {
    const { maxAttempts, handlerTimeoutMs } = this.#settings;
    const closing = new AbortController();
    this.#closings.add(closing);
    if (this.#isHurried) abort(closing);
    const attempt = {
      attempt: taken.attempt,
      maxAttempts,
      timeoutMs: handlerTimeoutMs,
      closing: closing.signal,
    };
    try {
      await this.#table.handle(taken, (extras, lost) => {
        lost?.addEventListener("abort", () => closing.abort(lost.reason), { once: true });
        return this.#run(taken.delivery, extras === undefined ? attempt : { ...attempt, extras });
      });
    } catch (error) {
      this.#table.onWarning(
        "The result of a delivery could not be written, so it will be handled again",
        error,
      );
    } finally {
      this.#closings.delete(closing);
    }
  }

  async #renew(): Promise<void> {
    if (this.#running.size === 0) return;
    try {
      const renewed = this.#table.renew?.([...this.#running.keys()]);
      if (isPromiseLike(renewed)) await renewed;
    } catch (error) {
      this.#table.onWarning(
        "The deliveries that are being handled could not be kept from other workers",
        error,
      );
    }
  }
}

function abort(closing: AbortController): void {
  closing.abort(new Error("The worker closes."));
}
