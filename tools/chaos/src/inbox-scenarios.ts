import type { FaultName } from "./faults.js";
import type { Scenario } from "./scenario.js";

/** Settings of the test receiver. */
export const postgresInbox = { INBOX: "yes", HANDLER_MS: "20" };

/** Three processes with an inbox in PostgreSQL: each accepts and works. */
export function onInbox(mode: "transaction" | "lease", fault: FaultName): Scenario {
  return {
    name: `inbox, PostgreSQL ${mode}: ${fault}`,
    receiver: { settings: { ...postgresInbox, MODE: mode } },
    storage: "PostgreSQL",
    deliveries: 300,
    seconds: 3,
    faults: [fault],
    effects: mode === "transaction" ? "exactly once" : "at least once",
    replies: [204],
    mayReply: [503],
  };
}

/** The process is killed while a backlog is being handled. */
export const backlog: Scenario = {
  name: "slow handler, SQLite: kills",
  receiver: { settings: { HANDLER_MS: "100" } },
  storage: "SQLite",
  deliveries: 600,
  seconds: 3,
  faults: ["kills"],
  effects: "at least once",
  replies: [204],
  mayReply: [503],
};
