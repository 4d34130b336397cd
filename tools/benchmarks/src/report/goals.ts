import type { Unit } from "./result.js";

/** The limits of a figure. */
export interface Goal {
  /** Its name in the results of a suite. */
  figure: string;
  /** A value beyond it is a regression. */
  floor: number;
  /** The value to aim for. */
  goal?: number;
  better: "more" | "less";
  unit: Unit;
  /** `true` if `--check` enforces the floor: only for figures that do not depend on the load of the machine. */
  isEnforced: boolean;
}

/** The result of comparing a figure with its goal. */
export type Verdict = "reached" | "within the floor" | "missed" | "not measured";

/** Every floor and goal, in the order of the report. */
export const goals: readonly Goal[] = [
  enforce("signature 550 B × standardwebhooks", 6, 8),
  enforce("signature 550 B × bare HMAC", 1.15, 1.35),
  enforce("signature 1 MB × standardwebhooks", 12, 18),
  enforce("signature 1 MB × bare HMAC", 0.95, 0.98),
  enforce("signature 30 MB × standardwebhooks", 12, 18),
  enforce("signature 30 MB × bare HMAC", 0.95, 0.98),
  enforce("verify 550 B × standardwebhooks", 3.5, 4.3),
  enforce("verify 30 MB × standardwebhooks", 6, 7),
  { ...atMost("receive 550 B ÷ verify", 3, 2), isEnforced: true },
  { ...atMost("forged 550 B ÷ valid", 1), isEnforced: true },
  { ...atMost("MemoryStore claim + commit", 2), unit: "time", isEnforced: true },
  {
    ...atMost("bytes that MemoryStore keeps per remembered delivery", 120, 60),
    unit: "bytes",
    isEnforced: true,
  },
  { ...atMost("30 MB streamed: last byte to verdict", 1000, 200), unit: "time" },
  { ...atMost("30 MB streamed: longest stall", 15_000, 6000), unit: "time" },
  atLeast("Express: verified ÷ bare", 0.75, 0.88),
  atLeast("Express: verified ÷ recipe", 1.1, 1.2),
  atLeast("Koa: verified ÷ bare", 0.6, 0.75),
  atLeast("Koa: verified ÷ recipe", 1.5, 2),
  // The recipe only verifies; the receiver recognizes duplicates and keeps a deadline as well.
  ...["Express", "Koa", "Hono (fetch)", "node:http"].map((server) =>
    atLeast(`${server}: received ÷ recipe`, 1.05, 1.2),
  ),
  atLeast("Nest on Express: received ÷ bare", 0.75, 0.95),
  atLeast("Nest on Express: received ÷ recipe", 1.25, 1.6),
  atMost("memory of one 30 MB body beyond the parsed event", 2.2),
  { ...atMost("memory with 50 bodies of 30 MB at once", 600_000_000), unit: "bytes" },
  { ...atMost("small delivery amid 50 bodies of 30 MB", 1_000_000), unit: "time" },
  atMost("memory after 1,000,000 deliveries ÷ after 200,000", 1.1, 1),
  atMost("memory of a worker after 1,000,000 deliveries ÷ after 200,000", 1.1, 1),
  atMost("MemoryStore: history 10^6 ÷ 10^3", 1.3, 1),
  atLeast("Redis ÷ two PINGs", 0.62, 0.7),
  { ...atLeast("SQLite: claims and commits, 32 in flight", 6000, 10_000), unit: "perSecond" },
  atMost("Redis: history 10^6 ÷ 10^3", 1.3, 1),
  atMost("PostgreSQL, lease: history 10^6 ÷ 10^3", 1.3, 1),
  atMost("PostgreSQL, transaction: history 10^6 ÷ 10^3", 1.3, 1),
  atMost("MariaDB, lease: history 10^6 ÷ 10^3", 1.3, 1),
  atMost("MariaDB, transaction: history 10^6 ÷ 10^3", 1.3, 1),
  atLeast("PostgreSQL, lease ÷ bare INSERT", 0.9, 1.3),
  atLeast("PostgreSQL, transaction ÷ bare BEGIN, INSERT, COMMIT", 0.65, 0.75),
  atLeast("SQLite: accepted ÷ MemoryStore", 0.6, 0.85),
  atLeast("PostgreSQL: accepted ÷ MemoryStore", 0.6, 0.85),
  atLeast("BullMQ on Redis: accepted ÷ MemoryStore", 0.6, 0.85),
  ...["SQLite", "PostgreSQL", "PostgreSQL, lease", "BullMQ on Redis", "pg-boss"].map((inbox) =>
    atLeast(`${inbox}: acknowledged with a handler of 3 s ÷ without`, 0.95, 1),
  ),
  { ...atMost("core minified and gzipped", 6 * 1024), unit: "bytes" },
  { ...atMost("core import", 5000), unit: "time" },
  { ...atMost("core dependencies", 0), unit: "count" },
];

/** Compares a value with its goal. */
export function judge({ floor, goal, better }: Goal, value: number | undefined): Verdict {
  if (value === undefined) return "not measured";
  const meets = (limit: number) => (better === "more" ? value >= limit : value <= limit);
  if (meets(goal ?? floor)) return "reached";
  return meets(floor) ? "within the floor" : "missed";
}

/** Returns the goals that `--check` enforces and whose floors these figures miss. */
export function findBrokenFloors(figures: Readonly<Record<string, number>>): Goal[] {
  return goals.filter((goal) => goal.isEnforced && judge(goal, figures[goal.figure]) === "missed");
}

function atLeast(figure: string, floor: number, goal?: number): Goal {
  return {
    figure,
    floor,
    ...(goal !== undefined && { goal }),
    better: "more",
    unit: "times",
    isEnforced: false,
  };
}

function atMost(figure: string, floor: number, goal?: number): Goal {
  return { ...atLeast(figure, floor, goal), better: "less" };
}

function enforce(figure: string, floor: number, goal: number): Goal {
  return { ...atLeast(figure, floor, goal), isEnforced: true };
}
