import { type PoolLike } from "./client.js";
import { messageOf } from "./errors.js";
import { migrationSql } from "./migration.js";
import type { TableOptions } from "./table.js";

/** What both kinds of store can do beside remembering. */
export interface PostgresMaintenance {
  /** Creates the table, unless it exists; any number of processes may do so at once. */
  migrate(): Promise<void>;
  /** Deletes what need not be remembered, in small batches and past locked rows; returns the number of rows. */
  sweep(): Promise<number>;
  /** Stops the clean-up; the pool stays yours to end. */
  close(): void;
}

/** How the clean-up is done. */
export interface SweepSettings {
  /** Deletes so many rows at most, and returns how many it were. */
  deleteBatch: (rows: number) => Promise<number>;
  /** 0 for never. */
  intervalMs: number;
  onWarning: (message: string) => void;
}

const SWEEP_ROWS = 1000;

export function maintenanceOf(
  pool: PoolLike<unknown>,
  table: TableOptions,
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
    async migrate() {
      // One query without parameters is one transaction; the lock keeps processes that start together in turn.
      await pool.query({
        text: `SELECT pg_advisory_xact_lock(hashtextextended('ahasend-webhooks/migrate', 0));\n${migrationSql(table)}`,
      });
    },
    sweep,
    close() {
      closed = true;
      clearInterval(timer);
    },
  };
}
