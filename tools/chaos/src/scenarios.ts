import { type AppProgram, appPrograms, findAppProgram } from "@ahasend-webhooks/harness/apps";

import type { FaultName } from "./faults.js";
import type { Finding } from "./finding.js";
import { backlog, onInbox, postgresInbox } from "./inbox-scenarios.js";
import type { PlantedBug } from "./planted.js";
import { type Scenario, storages } from "./scenario.js";

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
    mayReply: [409],
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

const slowAndImpatient = { HANDLER_MS: "200", IN_FLIGHT_WAIT_SECONDS: "0" };

const underKills = {
  receiver: { settings: slowAndImpatient },
  faults: ["kills"],
  deliveries: 300,
  seconds: 2,
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
  planted("accepted before it is kept", "acknowledged but lost", {
    ...underKills,
    receiver: { settings: postgresInbox },
    storage: "PostgreSQL",
  }),
  planted("settled before it is handled", "acknowledged but lost", {
    ...underKills,
    receiver: { settings: { ...postgresInbox, HANDLER_MS: "200", STEADY: "yes" } },
    storage: "PostgreSQL",
  }),
];

/** Leaves the processor to the tests beside it: 480 deliveries a second at most. */
const paced = (scenario: Scenario): Scenario => ({ ...scenario, pauseMs: 100 });

/** A minute's worth of every kind, for `npm test`. */
export const slice: readonly Scenario[] = [
  ...quiet(express, 400),
  ...troubled(express, 2.5, "kills").map(paced),
  ...troubled(express, 3, "outages").map(paced),
  ...overruns,
  paced(onInbox("transaction", "kills")),
  paced(onInbox("lease", "outages")),
  ...plantedScenarios,
];

/** Every scenario, for `pnpm chaos`. */
export const matrix: readonly Scenario[] = [
  ...appPrograms.flatMap((app) => [...quiet(app, 5000), ...troubled(app, 20, "kills")]),
  ...troubled(express, 20, "deployments"),
  ...troubled(express, 20, "freezes"),
  ...troubled(express, 20, "outages"),
  ...troubled(express, 20, "lost replies"),
  ...troubled(express, 20, "lost server replies"),
  ...troubled(express, 20, "kills", "outages", "lost replies", "lost server replies"),
  ...overruns,
  backlog,
  ...(["transaction", "lease"] as const).flatMap((mode) => [
    onInbox(mode, "kills"),
    onInbox(mode, "outages"),
  ]),
  ...plantedScenarios,
];
