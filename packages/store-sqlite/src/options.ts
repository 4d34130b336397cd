import { assertKnownOptions, toQuietWarning } from "@ahasend-webhooks/core";
import {
  type InboxOptions,
  type InboxSettings,
  inboxOptionNames,
  resolveInboxOptions,
} from "@ahasend-webhooks/core/inbox";
import { contract } from "@ahasend-webhooks/core/contract";

import { toSweepIntervalMs } from "./sweeper.js";
import { type TableName, resolveTableName } from "./table-name.js";

/** Options of {@link sqliteInbox} and of {@link sqliteStore}. */
export interface SqliteTableOptions {
  /** The name of the table, which is created unless it exists. */
  table?: string;
  /** Delete expired rows every this many seconds; with 0, call `sweep()` yourself. @default 3600 */
  sweepIntervalSeconds?: number;
  /** Called with problems that are not reported elsewhere: reading or writing the database failed. @default console.warn */
  onWarning?: (message: string) => void;
  /** Returns the time in milliseconds since 1970, for tests. @default Date.now */
  now?: () => number;
}

/** Options of {@link sqliteInbox}. */
export interface SqliteInboxOptions extends InboxOptions, SqliteTableOptions {
  /** The name of the table, which is created unless it exists. @default "ahasend_inbox" */
  table?: string;
}

/** Options of {@link sqliteStore}. */
export interface SqliteStoreOptions extends SqliteTableOptions {
  /** The name of the table, which is created unless it exists. @default "ahasend_deliveries" */
  table?: string;
  /** Remember a finished delivery for this many seconds: from 46,800 (13 h) to 10 years. @default 2_592_000 (30 days) */
  retentionSeconds?: number;
}

/** {@link SqliteTableOptions}, validated and with defaults. */
export interface TableSettings {
  name: TableName;
  sweepIntervalMs: number;
  onWarning: (message: string) => void;
  /** Returns the time in whole milliseconds since 1970. */
  now: () => number;
}

const TABLE_OPTIONS = Object.keys({
  table: true,
  sweepIntervalSeconds: true,
  onWarning: true,
  now: true,
} satisfies Record<keyof SqliteTableOptions, true>);

const MAX_RETENTION_SECONDS = 10 * 365 * 86_400;

/** Validates options and adds defaults. @throws {TypeError} if an option is not valid */
export function resolveSqliteInboxOptions(options: SqliteInboxOptions): TableSettings & InboxSettings {
  assertKnownOptions(options, [...TABLE_OPTIONS, ...inboxOptionNames]);
  return { ...resolveTableOptions(options, "ahasend_inbox"), ...resolveInboxOptions(options) };
}

/** Validates options and adds defaults. @throws {TypeError} if an option is not valid */
export function resolveStoreOptions(
  options: SqliteStoreOptions,
): TableSettings & { retentionSeconds: number } {
  assertKnownOptions(options, [...TABLE_OPTIONS, "retentionSeconds"]);
  const { retentionSeconds = 30 * 86_400 } = options;
  const min = contract.minRetentionSeconds;
  if (!(retentionSeconds >= min && retentionSeconds <= MAX_RETENTION_SECONDS)) {
    throw new TypeError(
      `retentionSeconds must be from ${min} (${min / 3600} hours, to outlast the retries of AhaSend) to ${MAX_RETENTION_SECONDS} (10 years); the default is 30 days.`,
    );
  }
  return { ...resolveTableOptions(options, "ahasend_deliveries"), retentionSeconds };
}

function resolveTableOptions(options: SqliteTableOptions, defaultTable: string): TableSettings {
  const { table = defaultTable, sweepIntervalSeconds = 3600, onWarning, now = () => Date.now() } = options;
  if (typeof now !== "function") {
    throw new TypeError("now must be a function that returns milliseconds since 1970, or left out.");
  }
  return {
    name: resolveTableName(table),
    sweepIntervalMs: toSweepIntervalMs(sweepIntervalSeconds),
    onWarning: toQuietWarning(onWarning),
    now: () => Math.round(now()),
  };
}
