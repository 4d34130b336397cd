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
    let hasEnded = false;
    const writing = write().finally(() => (hasEnded = true));
    try {
      return await withTimeout(this.#ms, writing);
    } catch (error) {
      if (!hasEnded) this.#count(writing);
      throw error;
    }
  }

  /** Counts a write that has missed the deadline until it ends. */
  #count(writing: Promise<unknown>): void {
    this.#overdue += 1;
    void writing.catch(() => undefined).then(() => (this.#overdue -= 1));
  }
}
