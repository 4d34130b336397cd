import { MAX_TIMER_SECONDS } from "../contract.js";
import { WebhookError } from "../errors.js";
import type { BudgetAccount } from "../intake/budget.js";
import type { Outcome } from "../outcome.js";
import { REFUSALS } from "../refusals.js";
import { RequestInFlight } from "./request-in-flight.js";

/** A request that is still arriving delays closing by this much at most: any stranger can send one. */
const ARRIVAL_MS = 500;

/** Handlers whose signal has fired may still finish within this time. */
const LAST_MOMENT_MS = 1000;

/** All requests in flight: starts them, and waits for the last of them. */
export class InFlight {
  readonly #deadlineMs: number;
  readonly #requests = new Set<RequestInFlight>();
  #whenIdle: (() => void)[] = [];

  constructor(deadlineSeconds: number) {
    this.#deadlineMs = deadlineSeconds * 1000;
  }

  start(account: BudgetAccount, onOutcome: (outcome: Outcome) => void): RequestInFlight {
    const request = new RequestInFlight(account, this.#deadlineMs, { onOutcome, onEnd: this.#remove });
    this.#requests.add(request);
    return request;
  }

  /**
   * Waits until nothing is in flight. What is still arriving is cut short after half a second, what is left after
   * `timeoutMs`, and abandoned a second later. A second call with a shorter time hurries the first.
   */
  async drain(timeoutMs: number): Promise<void> {
    const arrivalMs = Math.min(timeoutMs, ARRIVAL_MS);
    if (await this.#isIdleWithin(arrivalMs)) return;
    for (const request of this.#requests) {
      if (!request.isArriving) continue;
      request.cut(closing());
      this.#remove(request);
    }
    if (await this.#isIdleWithin(timeoutMs - arrivalMs)) return;
    for (const request of this.#requests) request.cut(closing());
    if (await this.#isIdleWithin(LAST_MOMENT_MS)) return;
    for (const request of this.#requests) request.abandon(closing());
  }

  async #isIdleWithin(ms: number): Promise<boolean> {
    if (this.#requests.size === 0) return true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const idle = new Promise<boolean>((resolve) => this.#whenIdle.push(() => resolve(true)));
    const late = new Promise<boolean>((resolve) => {
      // Not unref'd: the process must not end while something is in flight.
      timer = setTimeout(() => resolve(false), Math.min(ms, MAX_TIMER_SECONDS * 1000));
    });
    try {
      return await Promise.race([idle, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  readonly #remove = (request: RequestInFlight): void => {
    this.#requests.delete(request);
    if (this.#requests.size > 0 || this.#whenIdle.length === 0) return;
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  };
}

function closing(): WebhookError {
  return new WebhookError("closing", REFUSALS.closing.message);
}
