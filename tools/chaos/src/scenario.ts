import type { AppProgram } from "@ahasend-webhooks/harness/apps";

import type { FaultName } from "./faults.js";
import type { Finding } from "./finding.js";
import type { PlantedBug } from "./planted.js";

export const storages = ["PostgreSQL", "Redis", "SQLite"] as const;

/** A receiver, the faults it has to live with, and the expected result. */
export interface Scenario {
  name: string;
  /** An example app, or the settings of the test receiver (`receiver.ts`). */
  receiver: AppProgram | { settings: Record<string, string> };
  /** Three processes share a PostgreSQL or Redis; one process keeps deliveries in a SQLite file and handles them later. */
  storage: (typeof storages)[number];
  /** The least number of deliveries; 40 % of them are sent twice, at the same time or later. */
  deliveries: number;
  /** The least duration of the load. */
  seconds: number;
  /** Each of the 48 senders pauses this long between its deliveries. @default 0 */
  pauseMs?: number;
  faults: readonly FaultName[];
  /** The guarantee for the effect of an acknowledged delivery. */
  effects: "exactly once" | "at least once";
  /** Statuses that the sender must see. Others are violations, except those of the faults. */
  replies: readonly number[];
  /** Statuses that the sender may see as well. */
  mayReply?: readonly number[];
  /** A planted bug, and the finding by which the oracle must notice it: the scenario passes if it does. */
  planted?: { bug: PlantedBug; finding: Finding };
}
