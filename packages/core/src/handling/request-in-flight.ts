import { WebhookError } from "../errors.js";
import type { BudgetAccount } from "../intake/budget.js";
import { type Outcome, type OutcomeDetails, type Result, toOutcome } from "../outcome.js";
import { REFUSALS } from "../refusals.js";
import type { Lease } from "./lease.js";
import { RENEW_MS } from "./leased.js";

/** A body that was slow to arrive leaves the handler this much: it makes the next attempt a quick one. */
const MIN_HANDLER_MS = 1000;

/** A handler that has not finished this long after its deadline is hung. AhaSend's last attempt, at 979 s, is left. */
const HUNG_MS = 600_000;

/** Listener of a {@link RequestInFlight}. */
export interface RequestListener {
  /**
   * Called with the outcome. If the request was cut short, that is the first; what the handler ends in, or that it
   * hangs, is a further one, marked `late`.
   */
  onOutcome(outcome: Outcome): void;
  /** Called when the request has ended; may be called again. */
  onEnd(request: RequestInFlight): void;
}

/** One request, from its arrival until its work has ended, which may be after the reply. */
export class RequestInFlight {
  /** Facts for the outcome, added as they become known. */
  readonly details: OutcomeDetails = {};
  readonly account: BudgetAccount;
  /** Set if the reply was sent before the work had ended: the deadline has passed, or the receiver closes. */
  cutShort: WebhookError | undefined;
  /** `true` until the deadline of an authentic delivery starts. */
  isArriving = true;
  readonly #startedAt = performance.now();
  readonly #deadlineMs: number;
  readonly #listener: RequestListener;
  #hasOutcome = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #controller: AbortController | undefined;
  #lease: Lease | undefined;

  constructor(account: BudgetAccount, deadlineMs: number, listener: RequestListener) {
    this.account = account;
    this.#deadlineMs = deadlineMs;
    this.#listener = listener;
  }

  /**
   * Fires when the request is cut short. Created when it is first read: that takes longer than a signature check, and
   * most handlers never read it.
   */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.cutShort !== undefined) this.#controller.abort(this.cutShort);
    }
    return this.#controller.signal;
  }

  /** Returns the time until the deadline, in milliseconds. */
  remainingMs(): number {
    return this.#startedAt + this.#deadlineMs - performance.now();
  }

  /** Starts the deadline of an authentic delivery; before, only that of the body counts. */
  startDeadline(): void {
    this.isArriving = false;
    const leftMs = Math.max(this.remainingMs(), Math.min(this.#deadlineMs, MIN_HANDLER_MS));
    this.#startTimer(Math.ceil(leftMs), () => this.#exceedDeadline());
  }

  /** Holds the lease: it is kept alive when the work outlives the deadline, and abandoned if the request ends before it. */
  hold(lease: Lease): void {
    this.#lease = lease;
    if (this.#deadlineMs > RENEW_MS) lease.keepAlive();
  }

  /** Sends the reply before the work has ended. */
  cut(reason: WebhookError): void {
    if (this.cutShort !== undefined) return;
    this.cutShort = reason;
    this.#conclude(reason);
    this.#controller?.abort(reason);
  }

  /** Stops waiting for work that has not ended: the next attempt may do it. */
  abandon(reason: WebhookError): void {
    this.#lease?.abandon(reason);
    this.#close();
  }

  /** Ends the request with the result of its work. */
  end(result: Result): void {
    this.#close();
    const hasHandlerRun = this.details.handlerMs !== undefined;
    if (this.cutShort === undefined || hasHandlerRun) this.#conclude(result);
  }

  #conclude(result: Result): void {
    if (this.#hasOutcome) this.details.late = true;
    this.#hasOutcome = true;
    this.#listener.onOutcome(toOutcome(result, performance.now() - this.#startedAt, this.details));
  }

  #close(): void {
    clearTimeout(this.#timer);
    this.account.close();
    this.#listener.onEnd(this);
  }

  #exceedDeadline(): void {
    this.cut(new WebhookError("deadline_exceeded", REFUSALS.deadline_exceeded.message.slow));
    if (this.#deadlineMs <= RENEW_MS) this.#lease?.keepAlive();
    this.#startTimer(HUNG_MS, () => this.#giveUpHandler());
  }

  /** Returns the delivery and its memory to the next attempt. The request stays in flight: the handler may succeed. */
  #giveUpHandler(): void {
    const message = REFUSALS.deadline_exceeded.message.hung(HUNG_MS / 60_000);
    const reason = new WebhookError("deadline_exceeded", message);
    this.#lease?.abandon(reason);
    this.account.close();
    this.#conclude(reason);
  }

  #startTimer(ms: number, onTimeout: () => void): void {
    this.#timer = setTimeout(onTimeout, ms);
    this.#timer.unref?.();
  }
}

const REQUEST = Symbol("request");

/**
 * One getter for all contexts. With one of its own, each context would have a hidden class of its own, which V8 keeps, with the
 * whole request, until the next full garbage collection.
 */
const signalProperty = {
  enumerable: true,
  configurable: true,
  get(this: { [REQUEST]: RequestInFlight }): AbortSignal {
    return this[REQUEST].signal;
  },
};

/** Adds the signal of a request to a handler's context. */
export function addSignal<Context extends object>(
  context: Context,
  request: RequestInFlight,
): Context & { readonly signal: AbortSignal } {
  Object.defineProperty(context, REQUEST, { value: request });
  return Object.defineProperty(context, "signal", signalProperty) as Context & { signal: AbortSignal };
}
