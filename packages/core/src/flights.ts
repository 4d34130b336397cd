import { WebhookError } from "./errors.js";

/** One request in flight. */
export interface Flight {
  /** Fires when the deadline has passed, or the receiver gives up at the end of its own time. */
  readonly signal: AbortSignal;
  /** How much of the deadline is left, in milliseconds. */
  remainingMs(): number;
  /** Lets the deadline pass from now on; before, only the body's own one counts. */
  startDeadline(): void;
  /** Calls back when the receiver closes and the work has not ended in its last moment either. */
  onAbandon(abandon: (reason: WebhookError) => void): void;
  /** The result of the work, unless the signal fires first. @throws {WebhookError} `deadline_exceeded`, `closing` */
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
  readonly #open = new Set<OpenFlight>();
  #whenIdle: (() => void)[] = [];

  constructor(deadlineSeconds: number) {
    this.#deadlineMs = deadlineSeconds * 1000;
  }

  start(): Flight {
    const controller = new AbortController();
    const { signal } = controller;
    const startedAt = performance.now();
    const remainingMs = () => startedAt + this.#deadlineMs - performance.now();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const open: OpenFlight = { controller, abandon: () => undefined };
    this.#open.add(open);
    return {
      signal,
      remainingMs,
      startDeadline: () => {
        const leftMs = Math.max(remainingMs(), Math.min(this.#deadlineMs, LEAST_HANDLER_MS));
        timer = setTimeout(() => controller.abort(deadlineExceeded()), leftMs);
        timer.unref();
      },
      onAbandon: (abandon) => void (open.abandon = abandon),
      outlasting: (work) =>
        new Promise((resolve, reject) => {
          const onAbort = () => reject(signal.reason as Error);
          if (signal.aborted) onAbort();
          signal.addEventListener("abort", onAbort, { once: true });
          work.then(resolve, reject);
        }),
      end: () => {
        clearTimeout(timer);
        this.#open.delete(open);
        if (this.#open.size === 0) for (const resolve of this.#whenIdle.splice(0)) resolve();
      },
    };
  }

  /** Waits until nothing is in flight; after `timeoutMs` (`Infinity`: never) it aborts what is left, then abandons it. */
  async drain(timeoutMs: number): Promise<void> {
    if (await this.#idleWithin(timeoutMs)) return;
    for (const { controller } of this.#open) controller.abort(closing());
    if (await this.#idleWithin(LAST_MOMENT_MS)) return;
    for (const { abandon } of this.#open) abandon(closing());
  }

  async #idleWithin(ms: number): Promise<boolean> {
    if (this.#open.size === 0) return true;
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
}

interface OpenFlight {
  controller: AbortController;
  abandon: (reason: WebhookError) => void;
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
