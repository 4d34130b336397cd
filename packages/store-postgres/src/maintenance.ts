import { type PoolLike } from "./pg-like.js";
import { messageOf } from "./errors.js";
import { migrate } from "./migrate.js";
import type { TableName } from "./table.js";

/** Methods that both kinds of store have for their table. */
export interface PostgresMaintenance {
  /**
   * Creates the table, unless it exists: then the role needs no right to create one. Any number of processes may call
   * it at once.
   *
   * @throws {Error} when the role may not create the table, or the table has other columns; the message says the cure
   */
  migrate(): Promise<void>;
  /** Deletes rows that need not be remembered, in small batches and past locked rows; returns the number of rows. */
  sweep(): Promise<number>;
  /** Stops the clean-up. The pool stays yours to end, and all other methods still work. */
  close(): void;
}

/** Settings of the clean-up. */
export interface SweepSettings {
  /** Deletes at most `rows` rows and returns their number. */
  deleteBatch: (rows: number) => Promise<number>;
  /** 0 for never. */
  intervalMs: number;
  onWarning: (message: string) => void;
}

const SWEEP_ROWS = 1000;

export function createMaintenance(
  pool: PoolLike<unknown>,
  name: TableName,
  { deleteBatch, intervalMs, onWarning }: SweepSettings,
): PostgresMaintenance {
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
      // Its pool may have ended under it.
      if (!closed) onWarning(`Old deliveries were not deleted: ${messageOf(error)}`);
    });
  const timer = intervalMs === 0 ? undefined : setInterval(() => void sweepQuietly(), intervalMs);
  timer?.unref?.();

  return {
    migrate: () => migrate(pool, name),
    sweep,
    close() {
      closed = true;
      clearInterval(timer);
    },
  };
}
