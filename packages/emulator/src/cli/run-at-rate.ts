import { setTimeout as pause } from "node:timers/promises";

/** Options of {@link runAtRate}. */
export interface RateOptions {
  count: number;
  /** Starts per second. @default no limit, but at most 32 at a time */
  rate?: number | undefined;
  /** Nothing more is started once it is aborted. */
  signal: AbortSignal;
}

const MAX_CONCURRENT = 32;

/** Runs work `count` times, at a rate. Resolves when everything that was started has finished. */
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
