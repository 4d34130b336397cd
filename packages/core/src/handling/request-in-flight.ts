import type { BudgetAccount } from "../intake/budget.js";
import type { Lease } from "./lease.js";
import { WebhookError } from "../errors.js";

/** One request in flight. */
export interface RequestInFlight {
  /** Set when the reply was sent before the work had ended: the deadline has passed, or the receiver closes. */
  readonly cutShort: WebhookError | undefined;
  /** Fires when the flight is cut short. */
  readonly signal: AbortSignal;
  /** Returns the time until the deadline, in milliseconds. */
  remainingMs(): number;
  /** Starts the deadline of an authentic delivery; before, only that of the body counts. */
  startDeadline(): void;
  /** Abandons this lease when the flight ends before the work does. */
  hold(lease: Lease): void;
  /** Ends the flight, and closes its account. */
  end(): void;
}

/** Called when the sender must not wait any longer, and once more when a handler hangs. */
export type OnCut = (reason: WebhookError) => void;

/** A body that was slow to arrive leaves the handler this much: it makes the next attempt a quick one. */
const LEAST_HANDLER_MS = 1000;

/** A handler that has not ended this long after its deadline hangs. AhaSend's last attempt, at 979 s, is left. */
const HUNG_MS = 600_000;

/** A {@link RequestInFlight}, as the receiver's end sees it. */
export class OpenRequest implements RequestInFlight {
  readonly #startedAt = performance.now();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #controller: AbortController | undefined;
  #lease: Lease | undefined;
  cutShort: WebhookError | undefined;
  isArriving = true;

  constructor(
    private readonly deadlineMs: number,
    private readonly account: BudgetAccount,
    private readonly onCut: OnCut,
    /** Its index among those in flight. */
    public place: number,
    private readonly onEnd: () => void,
  ) {}

  /** Made when it is asked for: it takes longer than a signature check, and most handlers never look at it. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.cutShort !== undefined) this.#controller.abort(this.cutShort);
    }
    return this.#controller.signal;
  }

  remainingMs(): number {
    return this.#startedAt + this.deadlineMs - performance.now();
  }

  startDeadline(): void {
    this.isArriving = false;
    const leftMs = Math.max(this.remainingMs(), Math.min(this.deadlineMs, LEAST_HANDLER_MS));
    this.#timer = setTimeout(() => this.#exceedDeadline(), Math.ceil(leftMs));
    this.#timer.unref?.();
  }

  hold(lease: Lease): void {
    this.#lease = lease;
  }

  cut(reason: WebhookError): void {
    if (this.cutShort !== undefined) return;
    this.cutShort = reason;
    this.onCut(reason);
    this.#controller?.abort(reason);
  }

  abandon(reason: WebhookError): void {
    this.#lease?.abandon(reason);
    this.end();
  }

  end(): void {
    clearTimeout(this.#timer);
    this.account.close();
    this.onEnd();
  }

  #exceedDeadline(): void {
    this.cut(deadlineExceeded());
    this.#timer = setTimeout(() => this.#giveUp(handlerHangs()), HUNG_MS);
    this.#timer.unref?.();
  }

  /** Lets the next attempt have the delivery and its memory. It stays in flight: it may end well. */
  #giveUp(reason: WebhookError): void {
    this.#lease?.abandon(reason);
    this.account.close();
    this.onCut(reason);
  }
}

const FLIGHT = Symbol("flight");

/** One getter for all: an object with a getter of its own takes longer to make than a signature check. */
const signalOfFlight = {
  enumerable: true,
  configurable: true,
  get(this: { [FLIGHT]: RequestInFlight }): AbortSignal {
    return this[FLIGHT].signal;
  },
};

/** Adds the signal of a flight to what a handler is given. */
export function addSignal<Context extends object>(
  context: Context,
  flight: RequestInFlight,
): Context & { readonly signal: AbortSignal } {
  Object.assign(context, { [FLIGHT]: flight });
  return Object.defineProperty(context, "signal", signalOfFlight) as Context & { signal: AbortSignal };
}

function deadlineExceeded(): WebhookError {
  return new WebhookError(
    "deadline_exceeded",
    "The handler has not finished and the sender is about to give up. It continues, and a late success counts: hand long work to a queue.",
    { retryAfterSeconds: 5 },
  );
}

function handlerHangs(): WebhookError {
  return new WebhookError(
    "deadline_exceeded",
    `The handler has not ended ${HUNG_MS / 60_000} minutes after its deadline: the next attempt may run it again. Let it give up on its own, for example with context.signal.`,
    { retryAfterSeconds: 5 },
  );
}
