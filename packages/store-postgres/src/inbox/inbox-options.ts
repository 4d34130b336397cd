import { type InboxOptions, assertKnownOptions } from "@ahasend-webhooks/core";
import { type InboxSettings, inboxOptionNames, resolveInboxOptions } from "@ahasend-webhooks/core/inbox";

import {
  type PostgresStoreOptions,
  type Settings,
  resolveOptions,
  storeOptionNames,
  toTimerMs,
} from "../options.js";
import { type InboxTableName, type InboxTableOptions, resolveInboxTableName } from "./inbox-table-name.js";

/** Options of {@link postgresInbox}. */
export interface PostgresInboxOptions
  extends
    InboxOptions,
    InboxTableOptions,
    Pick<
      PostgresStoreOptions,
      "sweepIntervalSeconds" | "statementTimeoutSeconds" | "idleTimeoutSeconds" | "onWarning" | "now"
    > {
  /**
   * `transaction`: the handler writes through `context.client`, or `context.tx` of an executor, in one transaction with the
   * note that it is handled, so that its effects exist exactly once. `lease`: the note is written after the handler has finished; a crash in between makes it
   * run again.
   * @default "transaction"
   */
  mode?: "transaction" | "lease";
  /**
   * Other workers take a delivery over when its worker has not been heard of for this many seconds, because it crashed or
   * hangs. It is renewed while the handler runs. From 1. @default 30
   */
  leaseSeconds?: number;
  /** Look for deliveries that other processes have accepted every this many seconds. @default 1 */
  pollIntervalSeconds?: number;
}

const OWN_OPTIONS = ["leaseSeconds", "pollIntervalSeconds"] satisfies (keyof PostgresInboxOptions)[];

/** {@link PostgresInboxOptions}, validated and with defaults. */
export interface PostgresInboxSettings extends InboxSettings, Omit<Settings, "name"> {
  leaseMs: number;
  pollMs: number;
  name: InboxTableName;
}

/** Validates options and adds defaults. @throws {TypeError} if an option is not valid */
export function resolvePostgresInboxOptions(options: PostgresInboxOptions): PostgresInboxSettings {
  assertKnownOptions(options, [...storeOptionNames, ...inboxOptionNames, ...OWN_OPTIONS]);
  const inbox = resolveInboxOptions(options);
  const { mode = "transaction", leaseSeconds = 30, pollIntervalSeconds = 1 } = options;
  const { retentionSeconds } = inbox;
  const settings = resolveOptions({ ...options, mode, retentionSeconds });
  const leaseMs = toTimerMs("leaseSeconds", leaseSeconds);
  const pollMs = toTimerMs("pollIntervalSeconds", pollIntervalSeconds);
  if (leaseMs < 1000)
    throw new TypeError("leaseSeconds must be at least 1: it is renewed three times as often.");
  if (pollMs === 0) throw new TypeError("pollIntervalSeconds must be a number above 0.");
  return { ...inbox, ...settings, leaseMs, pollMs, name: resolveInboxTableName(options) };
}
