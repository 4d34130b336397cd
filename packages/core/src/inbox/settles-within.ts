import { MAX_TIMER_SECONDS } from "../contract.js";

/**
 * Returns whether all promises have settled within `ms` milliseconds, those included that are added meanwhile.
 *
 * @param givenUp ends the wait before that time when it resolves
 */
export async function settlesWithin(
  ms: number,
  promises: () => Iterable<Promise<unknown>>,
  givenUp?: Promise<unknown>,
): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<"late">((resolve) => {
    // Not unref'd: the process must not end while something is in flight.
    timer = setTimeout(() => resolve("late"), Math.min(ms, MAX_TIMER_SECONDS * 1000));
    void givenUp?.then(() => resolve("late"));
  });
  try {
    for (let pending = [...promises()]; pending.length > 0; pending = [...promises()]) {
      if ((await Promise.race([Promise.allSettled(pending), late])) === "late") return false;
    }
    return true;
  } finally {
    clearTimeout(timer);
  }
}
