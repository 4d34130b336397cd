import type { Finding } from "../oracle/finding.js";
import type { PlantedBug } from "../engines/planted.js";
import type { Scenario } from "./scenario.js";

/** Returns a scenario that passes if the oracle finds a planted bug. Without further settings it is on Redis. */
export function planted(
  bug: PlantedBug,
  finding: Finding,
  scenario: Pick<Scenario, "receiver" | "faults" | "deliveries" | "seconds"> & Partial<Scenario>,
): Scenario {
  return {
    name: `planted: ${bug}`,
    storage: "Redis",
    effects: "exactly once",
    replies: [],
    mayReply: [200, 202, 204, 409, 503],
    planted: { bug, finding },
    ...scenario,
  };
}

/** Settings with which handlers are still running when a process is killed after the load. */
export const slow = { HANDLER_MS: "3000", STEADY: "yes" };
