import { summarizeError } from "@ahasend-webhooks/core";

/** Methods of every store and inbox that maintain the table. */
export interface PostgresMaintenance {
  /**
   * Creates the table unless it exists; if it exists, the role does not need the right to create one. Any number of
   * processes may call it at the same time.
   *
   * @throws {Error} if the role is not allowed to create the table, or the table has other columns; the message says how
   * to fix it
   */
  migrate(): Promise<void>;
  /** Deletes expired rows in small batches, skips locked ones, and returns the number of deleted rows. */
  sweep(): Promise<number>;
  /** Stops the clean-up timer. Does not end the pool; all other methods still work. */
  close(): void;
}

/** The migration, and settings of the clean-up of expired rows. */
export interface MaintenanceSettings {
  migrate: () => Promise<void>;
  /** Deletes at most `rows` rows and returns their number. */
  deleteBatch: (rows: number) => Promise<number>;
  /** 0 disables the timer. */
  intervalMs: number;
  onWarning: (message: string) => void;
}

const SWEEP_ROWS = 1000;

/** Creates the maintenance methods and starts the clean-up timer. */
export function createMaintenance({
  migrate,
  deleteBatch,
  intervalMs,
  onWarning,
}: MaintenanceSettings): PostgresMaintenance {
  let closed = false;
  const sweep = async (): Promise<number> => {
    for (let total = 0; ;) {
      const deleted = await deleteBatch(SWEEP_ROWS);
      total += deleted;
      if (deleted < SWEEP_ROWS || closed) return total;
    }
  };
  const sweepQuietly = () =>
    sweep().catch((error: unknown) => {
      // After close, the pool may have ended during a batch.
      if (closed) return;
      onWarning(`Expired deliveries were not deleted: ${summarizeError(error)}`);
    });
  const timer = intervalMs === 0 ? undefined : setInterval(() => void sweepQuietly(), intervalMs);
  timer?.unref?.();

  return {
    migrate,
    sweep,
    close() {
      closed = true;
      clearInterval(timer);
    },
  };
}
