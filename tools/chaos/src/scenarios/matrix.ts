import { type AppProgram, appPrograms, findAppProgram } from "@ahasend-webhooks/harness/apps";

import { type FaultName, NO_REPLY } from "../faults.js";
import { inboxGroups, inboxSlice, plantedInInbox } from "./inbox-scenarios.js";
import { planted, slow } from "./planted-scenario.js";
import { type Scenario, type ScenarioGroup, storages } from "./scenario.js";

/** The app that all faults are tried on. */
const express = findAppProgram("express");

/** The faults that one process without a server can have. */
const ofOneProcess: readonly FaultName[] = ["kills", "deployments"];

/** The example apps use PostgreSQL in transaction mode, where a crash cannot repeat an effect. */
const survivesCrashes = {
  PostgreSQL: "exactly once",
  Redis: "at least once",
  SQLite: "at least once",
} as const;

function quiet(receiver: AppProgram, deliveries: number): Scenario[] {
  return storages.map((storage) => ({
    name: `${receiver.name}, ${storage}`,
    receiver,
    storage,
    deliveries,
    seconds: 0,
    faults: [],
    effects: "exactly once",
    replies: [204],
    // A machine that is busy with other tests may not make it in time.
    mayReply: [409, 503],
  }));
}

function troubled(receiver: AppProgram, seconds: number, ...faults: FaultName[]): Scenario[] {
  const isOfOneProcess = faults.every((fault) => ofOneProcess.includes(fault));
  const possible = storages.filter((storage) => storage !== "SQLite" || isOfOneProcess);
  return possible.map((storage) => ({
    name: `${receiver.name}, ${storage}: ${faults.join(", ")}`,
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

/** The handler takes three times the deadline: 503, then 409 while it runs, then 204 without a second run. */
const overrun = { HANDLER_MS: "1500", STEADY: "yes", DEADLINE_SECONDS: "0.5", IN_FLIGHT_WAIT_SECONDS: "0.1" };

const overruns = (
  [
    { storage: "Redis", engine: "redisStore", settings: overrun },
    { storage: "PostgreSQL", engine: "postgresStore", settings: overrun },
    { storage: "PostgreSQL", engine: "postgresStore", settings: { ...overrun, MODE: "transaction" } },
  ] as const
).map(({ storage, engine, settings }): Scenario => ({
  name: `handler overruns, ${storage}${"MODE" in settings ? " transaction" : ""}`,
  receiver: { engine, settings },
  storage,
  deliveries: 16,
  seconds: 0,
  faults: [],
  effects: "exactly once",
  replies: [503, 409, 204],
}));

const slowAndImpatient = { HANDLER_MS: "200", IN_FLIGHT_WAIT_SECONDS: "0" };

const underKills = {
  receiver: { engine: "redisStore", settings: slowAndImpatient },
  faults: ["kills"],
  deliveries: 300,
  seconds: 2,
} satisfies Partial<Scenario>;

function onMysql(mode: "lease" | "transaction", seconds: number, ...faults: FaultName[]): Scenario {
  return {
    name: `mysqlStore, ${mode}: ${faults.join(", ")}`,
    receiver: { engine: "mysqlStore", settings: { MODE: mode, HANDLER_MS: "20" } },
    storage: "MySQL",
    deliveries: 300,
    seconds,
    faults,
    effects: mode === "transaction" ? "exactly once" : "at least once",
    replies: [204],
    // In lease mode the handler writes to the same server by itself, and fails with it.
    mayReply: mode === "transaction" ? [409, 503] : [409, 500, 503],
  };
}

const plantedScenarios: Scenario[] = [
  planted("busy is 200", "acknowledged but lost", underKills),
  planted("early 202", "acknowledged but lost", {
    receiver: { engine: "redisStore", settings: slow },
    faults: ["kill after the load"],
    deliveries: 100,
    seconds: 0,
  }),
  planted("LRU store", "done more than once", {
    receiver: { engine: "redisStore" },
    faults: [],
    deliveries: 500,
    seconds: 0,
  }),
  planted("release while running", "done more than once", {
    receiver: { engine: "redisStore", settings: overrun },
    faults: [],
    deliveries: 16,
    seconds: 0,
  }),
  ...plantedInInbox,
];

/**
 * Leaves the processor to the tests beside it: 200 deliveries a second at most, and as few processes as can show it. They
 * may keep a reply from its 5 s all the same, which only `pnpm chaos` judges therefore.
 */
const toSlice = (scenario: Scenario): Scenario => ({
  ...scenario,
  mayReply: [...(scenario.mayReply ?? []), NO_REPLY],
  inFlight: 16,
  pauseMs: 80,
  deliveries: Math.min(scenario.deliveries, 150),
  receivers: scenario.workers === undefined ? 2 : 1,
  ...(scenario.workers !== undefined && { workers: 2 }),
});

/** Every kind of scenario, for `npm test`. */
export const slice: readonly Scenario[] = [
  ...quiet(express, 150),
  ...troubled(express, 2, "kills"),
  ...troubled(express, 2.5, "outages"),
  onMysql("transaction", 2.5, "kills", "outages"),
  ...overruns,
  ...inboxSlice,
  ...plantedScenarios,
].map(toSlice);

/** Every scenario, for `pnpm chaos`. */
export const matrix: readonly ScenarioGroup[] = [
  {
    title: "example apps",
    scenarios: [
      ...appPrograms.flatMap((app) => [...quiet(app, 5000), ...troubled(app, 20, "kills")]),
      ...troubled(express, 20, "deployments"),
      ...troubled(express, 20, "freezes"),
      ...troubled(express, 20, "outages"),
      ...troubled(express, 20, "lost replies"),
      ...troubled(express, 20, "lost server replies"),
      ...troubled(express, 20, "kills", "outages", "lost replies", "lost server replies"),
    ],
  },
  {
    title: "MySQL",
    scenarios: (["transaction", "lease"] as const).flatMap((mode) => [
      onMysql(mode, 20, "kills"),
      onMysql(mode, 20, "outages"),
      onMysql(mode, 20, "kills", "freezes", "lost replies", "lost server replies"),
    ]),
  },
  { title: "handlers that overrun", scenarios: overruns },
  ...inboxGroups,
  { title: "planted bugs", scenarios: plantedScenarios },
];
