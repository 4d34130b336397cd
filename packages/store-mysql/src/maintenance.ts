import { summarizeError } from "@ahasend-webhooks/core";

/** Methods of every store that maintain the table. */
export interface MysqlMaintenance {
  /**
   * Creates the table unless it exists; if it exists, the user does not need the right to create one. Any number of processes
   * may call it at the same time.
   *
   * @throws {Error} if the user is not allowed to create the table, or the table is another one; the message says how to fix it
   */
  migrate(): Promise<void>;
  /** Deletes expired rows in small batches, and returns the number of deleted rows. */
  sweep(): Promise<number>;
  /** Stops the clean-up timer. Does not end the pool; all other methods still work. */
  close(): void;
}

/** Settings of the clean-up of expired rows. */
export interface SweepSettings {
  /** Deletes at most this many rows, and returns the numbers of rows that it has found and deleted. */
  sweepBatch: (rows: number) => Promise<{ found: number; deleted: number }>;
  /** 0 disables the timer. */
  sweepIntervalMs: number;
  onWarning: (message: string) => void;
}

const BATCH_ROWS = 1000;

/** Creates the methods that clean up, and starts the timer. */
export function createSweeper(settings: SweepSettings): Pick<MysqlMaintenance, "sweep" | "close"> {
  const { sweepBatch, sweepIntervalMs, onWarning } = settings;
  let isClosed = false;

  async function sweep(): Promise<number> {
    for (let total = 0; ;) {
      const { found, deleted } = await sweepBatch(BATCH_ROWS);
      total += deleted;
      if (found < BATCH_ROWS || isClosed) return total;
    }
  }

  async function sweepQuietly(): Promise<void> {
    try {
      await sweep();
    } catch (error) {
      // The pool may have ended after the store was closed.
      if (!isClosed) onWarning(`Expired deliveries were not deleted: ${summarizeError(error)}`);
    }
  }

  const timer = sweepIntervalMs > 0 ? setInterval(() => void sweepQuietly(), sweepIntervalMs) : undefined;
  timer?.unref?.();
  return {
    sweep,
    close() {
      isClosed = true;
      clearInterval(timer);
    },
  };
}
