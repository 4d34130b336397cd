import { withTimeout } from "../with-timeout.js";

/** A client that waits for its server keeps every body that it is to write, so there must not be many. */
const MAX_OVERDUE = 32;

/** A deadline for writes. Those that miss it are not cancelled: when there are 32 of them, no further one starts. */
export class AcceptDeadline {
  readonly #ms: number;
  #overdue = 0;

  constructor(ms: number) {
    this.#ms = ms;
  }

  /** @throws {Error} if the write has not ended in time, or if too many others have not */
  async run<T>(write: () => Promise<T>): Promise<T> {
    if (this.#overdue >= MAX_OVERDUE) {
      throw new Error(
        `${this.#overdue} deliveries are still being written: the server of the queue does not answer.`,
      );
    }
    let isOverdue = false;
    const writing = write().finally(() => {
      if (isOverdue) this.#overdue -= 1;
    });
    const timer = setTimeout(() => {
      isOverdue = true;
      this.#overdue += 1;
    }, this.#ms);
    timer.unref?.();
    try {
      return await withTimeout(this.#ms, writing);
    } finally {
      // One that has missed the deadline stays counted until it ends.
      clearTimeout(timer);
    }
  }
}
