import { WebhookError } from "./errors.js";

/** One request in flight. */
export interface Flight {
  /** Set when the deadline has passed, or the receiver gives up at the end of its own time. */
  readonly cutShort: WebhookError | undefined;
  /** Fires when the flight is cut short. */
  readonly signal: AbortSignal;
  /** How much of the deadline is left, in milliseconds. */
  remainingMs(): number;
  /** Lets the deadline pass from now on; before, only the body's own one counts. */
  startDeadline(): void;
  /** Calls back when the receiver closes and the work has not ended in its last moment either. */
  onAbandon(abandon: (reason: WebhookError) => void): void;
  /** The result of the work, unless the flight is cut short first. @throws {WebhookError} `deadline_exceeded`, `closing` */
  outlasting<T>(work: Promise<T>): Promise<T>;
  /** The request and its work are over. */
  end(): void;
}

/** How long handlers that have been told that the receiver closes may take to end well. */
const LAST_MOMENT_MS = 1000;

/** A body that was slow to arrive leaves the handler this much: it makes the next attempt a quick one. */
const LEAST_HANDLER_MS = 1000;

/** All requests in flight: each one's deadline, and the wait for the last of them. */
export class Flights {
  readonly #deadlineMs: number;
  /** No Set: the tables it leaves behind as it changes keep whole requests alive until the next full collection. */
  readonly #open: OpenFlight[] = [];
  #whenIdle: (() => void)[] = [];

  constructor(deadlineSeconds: number) {
    this.#deadlineMs = deadlineSeconds * 1000;
  }

  start(): Flight {
    const flight = new OpenFlight(this.#deadlineMs, this.#open.length, () => this.#remove(flight));
    this.#open.push(flight);
    return flight;
  }

  /** Waits until nothing is in flight; after `timeoutMs` (`Infinity`: never) it aborts what is left, then abandons it. */
  async drain(timeoutMs: number): Promise<void> {
    if (await this.#idleWithin(timeoutMs)) return;
    for (const flight of this.#open) flight.cut(closing());
    if (await this.#idleWithin(LAST_MOMENT_MS)) return;
    for (const flight of this.#open) flight.abandon(closing());
  }

  async #idleWithin(ms: number): Promise<boolean> {
    if (this.#open.length === 0) return true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const idle = new Promise<boolean>((resolve) => this.#whenIdle.push(() => resolve(true)));
    if (ms === Infinity) return idle;
    const late = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), ms)));
    try {
      return await Promise.race([idle, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** The last one takes the place of the one that is over. */
  #remove(flight: OpenFlight): void {
    const last = this.#open.pop();
    if (last !== undefined && last !== flight) {
      this.#open[flight.place] = last;
      last.place = flight.place;
    }
    if (this.#open.length === 0) for (const resolve of this.#whenIdle.splice(0)) resolve();
  }
}

class OpenFlight implements Flight {
  readonly #deadlineMs: number;
  readonly #onEnd: () => void;
  readonly #startedAt = performance.now();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #controller: AbortController | undefined;
  #onCut: ((reason: WebhookError) => void) | undefined;
  cutShort: WebhookError | undefined;
  abandon: (reason: WebhookError) => void = () => undefined;

  constructor(
    deadlineMs: number,
    /** Where it stands among those in flight. */
    public place: number,
    onEnd: () => void,
  ) {
    this.#deadlineMs = deadlineMs;
    this.#onEnd = onEnd;
  }

  /** Made when it is asked for: it takes longer than a signature check, and most handlers never look at it. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.cutShort !== undefined) this.#controller.abort(this.cutShort);
    }
    return this.#controller.signal;
  }

  remainingMs(): number {
    return this.#startedAt + this.#deadlineMs - performance.now();
  }

  startDeadline(): void {
    const leftMs = Math.max(this.remainingMs(), Math.min(this.#deadlineMs, LEAST_HANDLER_MS));
    this.#timer = setTimeout(() => this.cut(deadlineExceeded()), Math.ceil(leftMs));
    this.#timer.unref?.();
  }

  outlasting<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.cutShort !== undefined) reject(this.cutShort);
      this.#onCut = reject;
      work.then(resolve, reject);
    });
  }

  onAbandon(abandon: (reason: WebhookError) => void): void {
    this.abandon = abandon;
  }

  cut(reason: WebhookError): void {
    if (this.cutShort !== undefined) return;
    this.cutShort = reason;
    this.#controller?.abort(reason);
    this.#onCut?.(reason);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#onEnd();
  }
}

const FLIGHT = Symbol("flight");

/** One getter for all: an object with a getter of its own takes longer to make than a signature check. */
const signalOfFlight = {
  enumerable: true,
  configurable: true,
  get(this: { [FLIGHT]: Flight }): AbortSignal {
    return this[FLIGHT].signal;
  },
};

/** Adds the signal of a flight to what a handler is given. */
export function addSignal<Context extends object>(
  context: Context,
  flight: Flight,
): Context & { readonly signal: AbortSignal } {
  Object.assign(context, { [FLIGHT]: flight });
  return Object.defineProperty(context, "signal", signalOfFlight) as Context & { signal: AbortSignal };
}

function deadlineExceeded(): WebhookError {
  return new WebhookError(
    "deadline_exceeded",
    "The handler is not done and the sender is about to give up: it goes on, and a late success counts. Hand long work to a queue.",
    { retryAfterSeconds: 5 },
  );
}

/** The refusal of a delivery that comes, or is not done, when the receiver closes. */
export function closing(): WebhookError {
  return new WebhookError("closing", "The receiver is closing: AhaSend will try again at the next process.", {
    retryAfterSeconds: 1,
  });
}
