/**
 * Returns a source of random numbers that repeats for the same seed: for the option `random`.
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
