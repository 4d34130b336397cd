import type { Unit } from "./result.js";

/** What is promised of a figure, and what is aimed at. */
export interface Goal {
  /** The name under which a suite reports it. */
  figure: string;
  /** Below it (or above it, where less is better) something is broken. */
  floor: number;
  /** What we are after. */
  goal?: number;
  better: "more" | "less";
  unit: Unit;
  /** Whether `--check` holds it: only what does not depend on what else the machine does. */
  held: boolean;
}

/** How a figure stands against its goal. */
export type Verdict = "reached" | "within the floor" | "missed" | "not measured";

/** Every floor and goal, in the order of the report. */
export const goals: readonly Goal[] = [
  held("signature 550 B × standardwebhooks", 6, 8),
  held("signature 550 B × bare HMAC", 1.15, 1.35),
  held("signature 1 MB × standardwebhooks", 12, 18),
  held("signature 1 MB × bare HMAC", 0.95, 0.98),
  held("signature 30 MB × standardwebhooks", 12, 18),
  held("signature 30 MB × bare HMAC", 0.95, 0.98),
  held("verify 550 B × standardwebhooks", 3.5, 4.3),
  held("verify 30 MB × standardwebhooks", 6, 7),
  { ...atMost("receive 550 B ÷ verify", 3, 2), held: true },
  { ...atMost("forged 550 B ÷ valid", 1), held: true },
  { ...atMost("MemoryStore claim + commit", 2), unit: "time", held: true },
  { ...atMost("30 MB streamed: last byte to verdict", 1000, 200), unit: "time" },
  { ...atMost("30 MB streamed: longest stall", 15_000, 6000), unit: "time" },
  atLeast("Express: verified ÷ bare", 0.75, 0.88),
  atLeast("Express: verified ÷ recipe", 1.1, 1.2),
  atLeast("Koa: verified ÷ bare", 0.6, 0.75),
  atLeast("Koa: verified ÷ recipe", 1.5, 2),
  atLeast("Nest on Express: received ÷ bare", 0.75, 0.95),
  atLeast("Nest on Express: received ÷ recipe", 1.25, 1.6),
  atMost("memory of one 30 MB body beyond the parsed event", 2.2),
  { ...atMost("memory with 50 bodies of 30 MB at once", 600_000_000), unit: "bytes" },
  { ...atMost("small delivery amid 50 bodies of 30 MB", 1_000_000), unit: "time" },
  atMost("memory after 1,000,000 deliveries ÷ after 200,000", 1.1, 1),
  atMost("MemoryStore: history 10^6 ÷ 10^3", 1.3, 1),
  atMost("Redis: history 10^6 ÷ 10^3", 1.3, 1),
  atMost("PostgreSQL, lease: history 10^6 ÷ 10^3", 1.3, 1),
  atMost("PostgreSQL, transaction: history 10^6 ÷ 10^3", 1.3, 1),
  { ...atMost("core minified and gzipped", 6 * 1024), unit: "bytes" },
  { ...atMost("core import", 5000), unit: "time" },
  { ...atMost("core dependencies", 0), unit: "count" },
];

/** How a value stands against its goal. */
export function judge({ floor, goal, better }: Goal, value: number | undefined): Verdict {
  if (value === undefined) return "not measured";
  const meets = (limit: number) => (better === "more" ? value >= limit : value <= limit);
  if (meets(goal ?? floor)) return "reached";
  return meets(floor) ? "within the floor" : "missed";
}

/** The goals that `--check` holds and that these figures miss. */
export function brokenFloors(figures: Readonly<Record<string, number>>): Goal[] {
  return goals.filter((goal) => goal.held && judge(goal, figures[goal.figure]) === "missed");
}

function atLeast(figure: string, floor: number, goal?: number): Goal {
  return { figure, floor, ...(goal !== undefined && { goal }), better: "more", unit: "times", held: false };
}

function atMost(figure: string, floor: number, goal?: number): Goal {
  return { ...atLeast(figure, floor, goal), better: "less" };
}

function held(figure: string, floor: number, goal: number): Goal {
  return { ...atLeast(figure, floor, goal), held: true };
}
