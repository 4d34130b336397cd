import type { FaultName } from "./faults.js";
import type { Finding } from "./oracle.js";
import type { PlantedBug } from "./planted.js";

type AppName = "express" | "koa" | "nestjs" | "nestjs-fastify";

/** What takes the deliveries, what goes wrong meanwhile, and what must come of it. */
export interface Scenario {
  name: string;
  /** An example app, or the receiver to torment with its settings. */
  receiver: AppName | { settings: Record<string, string> };
  storage: "PostgreSQL" | "Redis";
  /** How many deliveries at least; 40 % of them come twice, at the same time or later. */
  deliveries: number;
  /** How long they come at least. */
  seconds: number;
  faults: readonly FaultName[];
  /** How often a delivery that was acknowledged may have had its effect. */
  effects: "exactly once" | "at least once";
  /** Statuses that the sender must see, and beside those of the faults no others. */
  replies: readonly number[];
  /** Statuses that he may see as well. */
  mayReply?: readonly number[];
  /** A bug, and what the oracle must say of it: then the scenario passes when it does. */
  planted?: { bug: PlantedBug; finding: Finding };
}

const storages = ["PostgreSQL", "Redis"] as const;

/** The example apps use PostgreSQL in transaction mode: there no crash can repeat an effect. */
const survivesCrashes = { PostgreSQL: "exactly once", Redis: "at least once" } as const;

function quiet(receiver: AppName, deliveries: number): Scenario[] {
  return storages.map((storage) => ({
    name: `${receiver}, ${storage}`,
    receiver,
    storage,
    deliveries,
    seconds: 0,
    faults: [],
    effects: "exactly once",
    replies: [204],
    mayReply: [409],
  }));
}

function troubled(receiver: AppName, seconds: number, ...faults: FaultName[]): Scenario[] {
  return storages.map((storage) => ({
    name: `${receiver}, ${storage}: ${faults.join(", ")}`,
    receiver,
    storage,
    deliveries: 300,
    seconds,
    faults,
    effects: survivesCrashes[storage],
    replies: [204],
    mayReply: [409, 503],
  }));
}

/** The handler takes thrice the deadline: 503, then 409 while it runs on, then 204 without running it again. */
const overrun = { HANDLER_MS: "1500", STEADY: "yes", DEADLINE_SECONDS: "0.5", IN_FLIGHT_WAIT_SECONDS: "0.1" };

const overruns: Scenario[] = [
  { storage: "Redis", settings: overrun },
  { storage: "PostgreSQL", settings: overrun },
  { storage: "PostgreSQL", settings: { ...overrun, MODE: "transaction" } },
].map(({ storage, settings }) => ({
  name: `handler overruns, ${storage}${"MODE" in settings ? " transaction" : ""}`,
  receiver: { settings },
  storage: storage as Scenario["storage"],
  deliveries: 40,
  seconds: 0,
  faults: [],
  effects: "exactly once",
  replies: [503, 409, 204],
}));

function planted(
  bug: PlantedBug,
  finding: Finding,
  scenario: Pick<Scenario, "receiver" | "faults" | "deliveries" | "seconds">,
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

const slowAndImpatient = { HANDLER_MS: "200", IN_FLIGHT_WAIT_SECONDS: "0" };

const underKills = {
  receiver: { settings: slowAndImpatient },
  faults: ["kills"],
  deliveries: 300,
  seconds: 4,
} satisfies Partial<Scenario>;

const plantedScenarios: Scenario[] = [
  planted("busy is 200", "acknowledged but lost", underKills),
  planted("early 202", "acknowledged but lost", underKills),
  planted("LRU store", "done more than once", {
    receiver: { settings: {} },
    faults: [],
    deliveries: 500,
    seconds: 0,
  }),
  planted("release while running", "done more than once", {
    receiver: { settings: overrun },
    faults: [],
    deliveries: 40,
    seconds: 0,
  }),
];

/** Enough of each to be sure of it in about a minute: part of `npm test`. */
export const slice: readonly Scenario[] = [
  ...quiet("express", 1000),
  ...troubled("express", 5, "kills"),
  ...troubled("express", 5, "outages"),
  ...overruns,
  ...plantedScenarios,
];

/** All of it: `pnpm chaos`. */
export const matrix: readonly Scenario[] = [
  ...(["express", "koa", "nestjs", "nestjs-fastify"] as const).flatMap((app) => [
    ...quiet(app, 5000),
    ...troubled(app, 20, "kills"),
  ]),
  ...troubled("express", 20, "deployments"),
  ...troubled("express", 20, "freezes"),
  ...troubled("express", 20, "outages"),
  ...troubled("express", 20, "lost replies"),
  ...troubled("express", 20, "lost server replies"),
  ...troubled("express", 20, "kills", "outages", "lost replies", "lost server replies"),
  ...overruns,
  ...plantedScenarios,
];
