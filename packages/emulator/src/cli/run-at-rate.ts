import { setTimeout as pause } from "node:timers/promises";

/** How much is begun, and how fast. */
export interface RateOptions {
  count: number;
  /** How many are begun in a second. @default as many as are done, so many at a time */
  rate?: number | undefined;
  /** Nothing is begun any more once this is aborted. */
  signal: AbortSignal;
}

const MAX_CONCURRENT = 32;

/** Does a work so many times, at a pace. Resolves when all that was begun is done. */
export async function runAtRate(
  { count, rate, signal }: RateOptions,
  work: (number: number) => Promise<void>,
): Promise<void> {
  const running = new Set<Promise<void>>();
  const startedAt = performance.now();
  for (let number = 1; number <= count; number += 1) {
    if (rate === undefined) {
      if (running.size >= MAX_CONCURRENT) await Promise.race(running);
    } else {
      const waitMs = startedAt + ((number - 1) * 1000) / rate - performance.now();
      if (waitMs > 0) await pause(waitMs, undefined, { signal }).catch(() => undefined);
    }
    if (signal.aborted) break;
    const one = work(number).finally(() => running.delete(one));
    running.add(one);
  }
  await Promise.all(running);
}
