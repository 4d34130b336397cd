import { assertKnownOptions, toQuietWarning } from "@ahasend-webhooks/core";
import { MAX_TIMER_SECONDS, contract } from "@ahasend-webhooks/core/contract";
import { sqlStoreOptionNames } from "@ahasend-webhooks/core/sql";

import { type TableName, type TableOptions, resolveTableName } from "./table.js";

/** Options of {@link mysqlStore}. */
export interface MysqlStoreOptions extends TableOptions {
  /**
   * `lease`: writes the receipt after the handler has finished; a crash in between makes it run again. `transaction`: the
   * handler writes through `context.client` or `context.tx`, in one transaction with the receipt, so that its effects exist exactly once.
   * @default "lease"
   */
  mode?: "lease" | "transaction";
  /**
   * `transaction`: cancel a statement after this many seconds. MySQL cancels `SELECT` statements and those that wait for a
   * lock, MariaDB all. Fractions count as a whole second for locks. With 0, the limits of the connection apply. @default 10
   */
  statementTimeoutSeconds?: number;
  /**
   * `transaction`: end a transaction that a handler leaves idle for this many seconds, rounded up. With 0, the limit of the
   * connection applies. @default 30
   */
  idleTimeoutSeconds?: number;
  /** Remember a finished delivery for this many seconds: from 46,800 (13 h) to 10 years. @default 2_592_000 (30 days) */
  retentionSeconds?: number;
  /** Delete expired rows every this many seconds; with 0, call `sweep()` yourself. @default 3600 */
  sweepIntervalSeconds?: number;
  /**
   * Called with problems that are not reported elsewhere: a clean-up failed, or a query came after its transaction had ended.
   * @default console.warn
   */
  onWarning?: (message: string) => void;
  /** Returns the time in milliseconds since 1970, for tests. @default the clock of the server */
  now?: () => number;
}

/** {@link MysqlStoreOptions}, validated and with defaults. */
export interface Settings {
  name: TableName;
  mode: "lease" | "transaction";
  statementTimeoutMs: number;
  idleTimeoutMs: number;
  retentionMs: number;
  sweepIntervalMs: number;
  onWarning: (message: string) => void;
  now: (() => number) | undefined;
}

const MAX_RETENTION_SECONDS = 10 * 365 * 86_400;

/** Validates options and adds defaults. @throws {TypeError} if an option is not valid */
export function resolveOptions(options: MysqlStoreOptions): Settings {
  assertKnownOptions(options, sqlStoreOptionNames satisfies readonly (keyof MysqlStoreOptions)[]);
  const { mode = "lease", retentionSeconds = 30 * 86_400, now } = options;
  if (mode !== "lease" && mode !== "transaction")
    throw new TypeError('mode must be "lease" or "transaction".');
  const min = contract.minRetentionSeconds;
  if (!(retentionSeconds >= min && retentionSeconds <= MAX_RETENTION_SECONDS)) {
    throw new TypeError(
      `retentionSeconds must be from ${min} (${min / 3600} hours, to outlast the retries of AhaSend) to ${MAX_RETENTION_SECONDS} (10 years); the default is 30 days.`,
    );
  }
  const toMs = (option: keyof MysqlStoreOptions, seconds: number): number => {
    if (seconds >= 0 && seconds <= MAX_TIMER_SECONDS) return Math.round(seconds * 1000);
    throw new TypeError(
      `${option} must be a number of seconds from 0 to ${MAX_TIMER_SECONDS} (24 days), the longest that a timer can run.`,
    );
  };
  return {
    name: resolveTableName(options),
    mode,
    retentionMs: Math.round(retentionSeconds * 1000),
    sweepIntervalMs: toMs("sweepIntervalSeconds", options.sweepIntervalSeconds ?? 3600),
    statementTimeoutMs: toMs("statementTimeoutSeconds", options.statementTimeoutSeconds ?? 10),
    idleTimeoutMs: toMs("idleTimeoutSeconds", options.idleTimeoutSeconds ?? 30),
    onWarning: toQuietWarning(options.onWarning),
    now,
  };
}
