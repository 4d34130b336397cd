import { MAX_TIMER_SECONDS } from "@ahasend-webhooks/core/contract";

/** Clock of an emulator: it dates attempts and schedules retries. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /**
   * Calls back once, when `now()` has reached a time.
   *
   * @returns a function that cancels the call
   */
  callAt(time: number, callback: () => void): () => void;
}

/** A clock that moves only when it is advanced. */
export interface SteppedClock extends Clock {
  /** Advances by `ms` milliseconds, and makes the calls that become due, each at its own time. */
  advance(ms: number): void;
  /** Advances to the next call. @returns `true` if there was one */
  advanceToNext(): boolean;
  /** Time of the next call, if there is one. */
  readonly nextAt: number | undefined;
}

const MAX_TIMER_MS = MAX_TIMER_SECONDS * 1000;

/** The system clock. */
export const systemClock: Clock = {
  // Date is read when used: tests replace it after this module was loaded.
  now: () => Date.now(),
  callAt(time, callback) {
    let timer: NodeJS.Timeout;
    // Not unref'ed: the process must not exit before an awaited delivery has settled. The owner clears the timer.
    const wait = () => {
      const remainingMs = time - Date.now();
      timer = setTimeout(
        remainingMs > MAX_TIMER_MS ? wait : callback,
        Math.min(Math.max(remainingMs, 0), MAX_TIMER_MS),
      );
    };
    wait();
    return () => clearTimeout(timer);
  },
};

/**
 * Creates a clock for tests: retries are made when the test advances it.
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
      if (!(ms >= 0))
        throw new TypeError("ms must be a number of 0 or more: a clock does not run backwards.");
      advanceTo(time + ms);
    },
    advanceToNext() {
      const call = next();
      if (call !== undefined) advanceTo(Math.max(time, call.time));
      return call !== undefined;
    },
  };
}
