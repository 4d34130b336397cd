import { type TableName, type TableOptions, resolveTableName } from "./table.js";

/** Options of {@link postgresStore}. */
export interface PostgresStoreOptions extends TableOptions {
  /**
   * `lease`: the receipt is written when the handler is done; a crash in between runs it again. `transaction`: the
   * handler writes through `context.client`, in one transaction with the receipt, and its effects exist exactly once.
   * @default "lease"
   */
  mode?: "lease" | "transaction";
  /** Remembers a finished delivery for this many seconds; at least 13 hours. @default 2_592_000 (30 days) */
  retentionSeconds?: number;
  /** Deletes old rows every this many seconds; 0 for never, where you call `sweep()` yourself. @default 3600 */
  sweepIntervalSeconds?: number;
  /** `transaction`: cancels a statement that takes more than this many seconds. @default 10 */
  statementTimeoutSeconds?: number;
  /** `transaction`: ends a transaction that a handler leaves idle for this many seconds. @default 30 */
  idleTimeoutSeconds?: number;
  /**
   * Called with problems that surface nowhere else: a clean-up or an idle connection that failed, a query that came
   * after its transaction had ended.
   * @default console.warn
   */
  onWarning?: (message: string) => void;
  /** Milliseconds since 1970, for tests. @default the clock of the server */
  now?: () => number;
}

/** {@link PostgresStoreOptions}, checked and complete. */
export interface Settings {
  mode: "lease" | "transaction";
  retentionMs: number;
  sweepIntervalMs: number;
  statementTimeoutMs: number;
  idleTimeoutMs: number;
  onWarning: (message: string) => void;
  /** The time in statements; null for the server's clock. */
  clock: () => number | null;
  name: TableName;
}

const MIN_RETENTION_SECONDS = 13 * 3600;
const MAX_RETENTION_SECONDS = 10 * 365 * 86_400;
/** Timers cannot run longer. */
const MAX_TIMER_SECONDS = 2_147_483;

/** @throws {TypeError} that names the option and the cure */
export function resolveOptions(options: PostgresStoreOptions): Settings {
  const { mode = "lease", retentionSeconds = 30 * 86_400, onWarning = console.warn, now } = options;
  if (mode !== "lease" && mode !== "transaction") {
    throw new TypeError('mode must be "lease" or "transaction".');
  }
  if (!(retentionSeconds >= MIN_RETENTION_SECONDS && retentionSeconds <= MAX_RETENTION_SECONDS)) {
    throw new TypeError(
      "retentionSeconds must be between 13 hours, as long as AhaSend may retry, and 10 years: leave it out for 30 days.",
    );
  }
  return {
    mode,
    retentionMs: retentionSeconds * 1000,
    sweepIntervalMs: toTimerMs("sweepIntervalSeconds", options.sweepIntervalSeconds ?? 3600),
    statementTimeoutMs: toTimerMs("statementTimeoutSeconds", options.statementTimeoutSeconds ?? 10),
    idleTimeoutMs: toTimerMs("idleTimeoutSeconds", options.idleTimeoutSeconds ?? 30),
    onWarning: (message) => {
      try {
        onWarning(message);
      } catch {
        // A warning that fails must not end the process.
      }
    },
    clock: () => now?.() ?? null,
    name: resolveTableName(options),
  };
}

function toTimerMs(option: string, seconds: number): number {
  if (typeof seconds === "number" && seconds >= 0 && seconds <= MAX_TIMER_SECONDS)
    return Math.round(seconds * 1000);
  throw new TypeError(
    `${option} must be a number of seconds from 0 to 24 days: leave it out for the default.`,
  );
}
