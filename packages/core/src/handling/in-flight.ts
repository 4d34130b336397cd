import type { BudgetAccount } from "../intake/budget.js";
import { WebhookError } from "../errors.js";
import { type RequestInFlight, type OnCut, OpenRequest } from "./request-in-flight.js";

/** A request that is still arriving holds up the end for this long: any stranger can send one. */
const ARRIVAL_MS = 500;

/** Handlers whose signal has fired may end well within this time. */
const LAST_MOMENT_MS = 1000;

/** The longest that a timer can run: 24 days. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** All requests in flight: each one's deadline, and the wait for the last of them. */
export class InFlight {
  readonly #deadlineMs: number;
  /** No Set: the tables it leaves behind as it changes keep whole requests alive until the next full collection. */
  readonly #open: OpenRequest[] = [];
  #whenIdle: (() => void)[] = [];

  constructor(deadlineSeconds: number) {
    this.#deadlineMs = deadlineSeconds * 1000;
  }

  start(account: BudgetAccount, onCut: OnCut): RequestInFlight {
    const flight = new OpenRequest(this.#deadlineMs, account, onCut, this.#open.length, () =>
      this.#remove(flight),
    );
    this.#open.push(flight);
    return flight;
  }

  /**
   * Waits until nothing is in flight. What is still arriving is cut short after a moment, what is left after
   * `timeoutMs`, and abandoned after another moment. A second call can hurry the first.
   */
  async drain(timeoutMs: number): Promise<void> {
    const arrivalMs = Math.min(timeoutMs, ARRIVAL_MS);
    if (await this.#isIdleWithin(arrivalMs)) return;
    for (const flight of this.#open.filter(({ isArriving }) => isArriving)) {
      flight.cut(closing());
      this.#remove(flight);
    }
    if (await this.#isIdleWithin(timeoutMs - arrivalMs)) return;
    for (const flight of this.#open) flight.cut(closing());
    if (await this.#isIdleWithin(LAST_MOMENT_MS)) return;
    for (const flight of this.#open.slice()) flight.abandon(closing());
  }

  async #isIdleWithin(ms: number): Promise<boolean> {
    if (this.#open.length === 0) return true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const idle = new Promise<boolean>((resolve) => this.#whenIdle.push(() => resolve(true)));
    const late = new Promise<boolean>((resolve) => {
      // Not unref'd: the process must not end while something is in flight.
      timer = setTimeout(() => resolve(false), Math.min(ms, MAX_TIMER_MS));
    });
    try {
      return await Promise.race([idle, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** The last one takes the place of the one that has ended. */
  #remove(flight: OpenRequest): void {
    if (this.#open[flight.place] !== flight) return;
    const last = this.#open.pop();
    if (last !== undefined && last !== flight) {
      this.#open[flight.place] = last;
      last.place = flight.place;
    }
    if (this.#open.length === 0) for (const resolve of this.#whenIdle.splice(0)) resolve();
  }
}

/** The refusal of a delivery that arrives, or has not ended, when the receiver closes. */
export function closing(): WebhookError {
  return new WebhookError("closing", "The receiver is closing: AhaSend will try again at the next process.", {
    retryAfterSeconds: 1,
  });
}
