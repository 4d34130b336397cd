import { MAX_TIMER_SECONDS } from "@ahasend-webhooks/core/contract";

import { readMessage } from "./errors.js";

/** Deletes in small batches: each holds up the process while it runs. */
const SWEEP_ROWS = 500;

/** Settings of the clean-up of expired rows. */
export interface SweepSettings {
  /** Deletes at most `rows` rows and returns their number. */
  deleteBatch: (rows: number) => Promise<number>;
  /** 0 disables the timer. */
  intervalMs: number;
  onWarning: (message: string) => void;
}

/** The clean-up of expired rows. */
export class Sweeper {
  readonly #settings: SweepSettings;
  readonly #timer: ReturnType<typeof setInterval> | undefined;
  #isClosed = false;

  constructor(settings: SweepSettings) {
    this.#settings = settings;
    const { intervalMs } = settings;
    this.#timer = intervalMs === 0 ? undefined : setInterval(() => void this.#sweepQuietly(), intervalMs);
    this.#timer?.unref?.();
  }

  /** Deletes all expired rows. @returns their number */
  async sweep(): Promise<number> {
    for (let total = 0; ;) {
      const deleted = await this.#settings.deleteBatch(SWEEP_ROWS);
      total += deleted;
      if (deleted < SWEEP_ROWS) return total;
    }
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
  }

  async #sweepQuietly(): Promise<void> {
    try {
      await this.sweep();
    } catch (error) {
      // After close, the connection may be closed as well.
      if (this.#isClosed) return;
      this.#settings.onWarning(`Expired deliveries were not deleted: ${readMessage(error)}`);
    }
  }
}

/** Validates the interval of a clean-up. @throws {TypeError} @returns milliseconds */
export function toSweepIntervalMs(seconds: number): number {
  if (typeof seconds === "number" && seconds >= 0 && seconds <= MAX_TIMER_SECONDS) {
    return Math.round(seconds * 1000);
  }
  throw new TypeError(
    `sweepIntervalSeconds must be a number from 0 to ${MAX_TIMER_SECONDS} (24 days), the longest that a timer can run.`,
  );
}
