/** What the emulator's time goes by: when an attempt is made and when the next is due. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /**
   * Calls back once, when `now()` has reached a time.
   *
   * @returns cancels it
   */
  callAt(time: number, callback: () => void): () => void;
}

/** A clock that stands still until it is told to go on. */
export interface SteppedClock extends Clock {
  /** Goes on by so many milliseconds, and calls back what becomes due on the way, each at its own time. */
  advance(ms: number): void;
  /** Goes on to the next time at which something is due. @returns whether there was one */
  advanceToNext(): boolean;
  /** When the next thing is due, if there is one. */
  readonly nextAt: number | undefined;
}

/** Node cannot wait longer in one go: about 24 days. */
const MAX_TIMER_MS = 2_147_483_647;

/** The computer's own time. */
export const systemClock: Clock = {
  // Read when used: tests replace Date after this module was loaded.
  now: () => Date.now(),
  callAt(time, callback) {
    let timer: NodeJS.Timeout;
    // Not unref'ed: whoever awaits a delivery must not see the process end before it. Its owner clears it.
    const wait = () => {
      const leftMs = time - Date.now();
      timer = setTimeout(
        leftMs > MAX_TIMER_MS ? wait : callback,
        Math.min(Math.max(leftMs, 0), MAX_TIMER_MS),
      );
    };
    wait();
    return () => clearTimeout(timer);
  },
};

/**
 * A clock for tests: retries come when the test says so.
 *
 * @param startsAt milliseconds since 1970
 *
 * @example
 * const clock = steppedClock();
 * const emulator = createEmulator({ clock });
 * const [delivery] = emulator.emit(event);
 * await emulator.quiet(); // the first attempt has failed
 * clock.advance(1100); //    the second begins
 */
export function steppedClock(startsAt: number = Date.now()): SteppedClock {
  let time = startsAt;
  const calls = new Set<{ time: number; callback: () => void }>();

  function next() {
    let first: { time: number; callback: () => void } | undefined;
    for (const call of calls) if (first === undefined || call.time < first.time) first = call;
    return first;
  }

  function advanceTo(end: number): void {
    for (let call = next(); call !== undefined && call.time <= end; call = next()) {
      calls.delete(call);
      time = Math.max(time, call.time);
      call.callback();
    }
    time = end;
  }

  return {
    now: () => time,
    get nextAt() {
      return next()?.time;
    },
    callAt(at, callback) {
      const call = { time: at, callback };
      calls.add(call);
      return () => calls.delete(call);
    },
    advance(ms) {
      if (!(ms >= 0)) throw new TypeError("A clock goes forward only: give 0 or more milliseconds.");
      advanceTo(time + ms);
    },
    advanceToNext() {
      const call = next();
      if (call !== undefined) advanceTo(Math.max(time, call.time));
      return call !== undefined;
    },
  };
}
