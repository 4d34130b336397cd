/** How many attempts AhaSend makes in all: 16 minutes for a webhook, 11 hours for a route. */
export const maxAttempts = { webhook: 6, route: 12 } as const;

/** How far the pause before a retry may be off, both ways. */
const JITTER = 0.1;

/**
 * How long AhaSend waits before the next attempt: the fourth power of the failures so far, give or take a tenth.
 *
 * @param random from 0 to 1, as `Math.random`
 *
 * @example
 * retryDelaySeconds(3, () => 0.5); // 81
 */
export function retryDelaySeconds(failures: number, random: () => number): number {
  return failures ** 4 * (1 + JITTER * (2 * random() - 1));
}

/**
 * A source of random numbers that gives the same ones again: for the option `random`.
 *
 * @example
 * createEmulator({ random: seededRandom(42) });
 */
export function seededRandom(seed: number): () => number {
  // Mulberry32.
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}
