import type { AppProgram } from "@ahasend-webhooks/harness/apps";

import type { FaultName } from "../faults.js";
import type { Finding } from "../oracle/finding.js";
import type { PlantedBug } from "../engines/planted.js";
import type { EngineName } from "../setup.js";

/** The storages of the example apps on which all faults are tried. */
export const storages = ["PostgreSQL", "Redis", "SQLite"] as const;

/** The test receiver, and what its processes are started with. */
export interface TestReceiver {
  engine: EngineName;
  settings?: Record<string, string>;
}

/** A receiver, the faults it has to live with, and the expected result. */
export interface Scenario {
  name: string;
  /** An example app, or the engine of the test receiver (`receiver.ts`) and its settings. */
  receiver: AppProgram | TestReceiver;
  /** The receivers share a server; one process keeps deliveries in a SQLite file and handles them later. */
  storage: (typeof storages)[number] | "MySQL";
  /** Number of receivers, except with SQLite. @default 3 */
  receivers?: number;
  /** Number of processes that only work on the inbox: the receivers then only accept. @default 0 */
  workers?: number;
  /** The least number of deliveries. */
  deliveries: number;
  /** The share that is sent twice: one half at the same time, the other half later. @default 0.4 */
  duplicates?: number;
  /** The shares of events whose handler fails once, or always. @default none */
  failures?: { flaky: number; poison: number };
  /** Number of keys of events. @default 1 */
  keys?: number;
  /** Events with the same key must be handled one at a time and in order. */
  isOrdered?: boolean;
  /** The least duration of the load, and the longest time of the faults. */
  seconds: number;
  /** Number of deliveries that are sent at the same time. @default 48 */
  inFlight?: number;
  /** The pause after each of them. @default 0 */
  pauseMs?: number;
  faults: readonly FaultName[];
  /** The guarantee for the effect of an acknowledged delivery. */
  effects: "exactly once" | "at least once";
  /** Statuses that the sender must see; 0 stands for no reply. Others are violations, except those of the faults. */
  replies: readonly number[];
  /** Statuses that the sender may see as well. */
  mayReply?: readonly number[];
  /** A planted bug, and the finding by which the oracle must notice it: the scenario passes if it does. */
  planted?: { bug: PlantedBug; finding: Finding };
}

/** Scenarios that belong together in the report. */
export interface ScenarioGroup {
  title: string;
  scenarios: readonly Scenario[];
}
