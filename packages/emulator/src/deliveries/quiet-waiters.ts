/** A state of the scheduler that callers wait for. */
type Awaited = "idle" | "quiet";

/** Promises that resolve when nothing is in flight (`quiet`), or pending either (`idle`). */
export class QuietWaiters {
  readonly #read: () => { isQuiet: boolean; isIdle: boolean };
  readonly #waiting: Record<Awaited, Set<() => void>> = { idle: new Set(), quiet: new Set() };

  /** @param read returns the current state */
  constructor(read: () => { isQuiet: boolean; isIdle: boolean }) {
    this.#read = read;
  }

  wait(what: Awaited): Promise<void> {
    const waiting = new Promise<void>((resolve) => this.#waiting[what].add(resolve));
    this.resolve();
    return waiting;
  }

  /** Resolves the promises whose state has come. */
  resolve(): void {
    const { isQuiet, isIdle } = this.#read();
    if (!isQuiet) return;
    const { idle, quiet } = this.#waiting;
    for (const waiters of isIdle ? [quiet, idle] : [quiet]) {
      for (const resolve of waiters) resolve();
      waiters.clear();
    }
  }
}
