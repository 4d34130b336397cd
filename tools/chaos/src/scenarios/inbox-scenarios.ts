import type { FaultName } from "../faults.js";
import { planted, slow } from "./planted-scenario.js";
import type { Scenario, ScenarioGroup, TestReceiver } from "./scenario.js";

/** An engine with workers, and what it promises. */
interface InboxUnderTest {
  name: string;
  receiver: TestReceiver;
  storage: Scenario["storage"];
  effects: Scenario["effects"];
  /** It can handle events with the same key in order. */
  hasOrder: boolean;
}

const HANDLER_MS = "20";

const onPostgres = (mode: "transaction" | "lease"): InboxUnderTest => ({
  name: `postgresInbox, ${mode}`,
  receiver: { engine: "postgresInbox", settings: { MODE: mode, HANDLER_MS } },
  storage: "PostgreSQL",
  effects: mode === "transaction" ? "exactly once" : "at least once",
  hasOrder: true,
});

const sqlite: InboxUnderTest = {
  name: "sqliteInbox",
  receiver: { engine: "sqliteInbox", settings: { HANDLER_MS } },
  storage: "SQLite",
  effects: "at least once",
  hasOrder: true,
};

const onBullmq = (storage: "Redis" | "PostgreSQL"): InboxUnderTest => ({
  name: `bullmqInbox, ${storage}`,
  receiver: { engine: "bullmqInbox", settings: { HANDLER_MS } },
  storage,
  effects: "at least once",
  hasOrder: false,
});

const pgBoss: InboxUnderTest = {
  name: "pgBossInbox",
  receiver: { engine: "pgBossInbox", settings: { HANDLER_MS } },
  storage: "PostgreSQL",
  effects: "at least once",
  hasOrder: true,
};

const inboxes = [
  sqlite,
  onPostgres("transaction"),
  onPostgres("lease"),
  onBullmq("Redis"),
  onBullmq("PostgreSQL"),
  pgBoss,
];

const failures = { flaky: 0.05, poison: 0.02 };

/** Receivers that only accept, and workers; with SQLite one process that does both. */
function onInbox(inbox: InboxUnderTest, ...faults: FaultName[]): Scenario {
  const { name, receiver, storage, effects } = inbox;
  return {
    name: `${name}: ${faults.join(", ")}`,
    receiver,
    storage,
    ...(storage === "SQLite" ? {} : { receivers: 2, workers: 3 }),
    deliveries: 300,
    duplicates: 0.25,
    failures,
    seconds: 3,
    faults,
    effects,
    replies: [204],
    mayReply: [503],
  };
}

/** Events of a few keys, which must keep their order. */
function inOrder(inbox: InboxUnderTest, ...faults: FaultName[]): Scenario {
  const scenario = onInbox(inbox, ...faults);
  return {
    ...scenario,
    name: `${inbox.name}: order by key, ${faults.join(", ")}`,
    keys: 40,
    isOrdered: true,
  };
}

const toServer: readonly FaultName[] = ["outages", "server freezes", "lost server replies"];

const ofProcesses: readonly FaultName[] = ["kills", "lost replies", "kill after the load"];

/** 10,000 events. */
const playLong = (inbox: InboxUnderTest, title: string, faults: readonly FaultName[]): Scenario => ({
  ...onInbox(inbox, ...faults),
  name: `${inbox.name}: ${title}`,
  deliveries: 10_000,
  pauseMs: 50,
  seconds: 25,
});

/** Crashes and outages alone make dead letters of some deliveries. */
const giveUpEarly = ({ receiver: { engine, settings }, ...inbox }: InboxUnderTest): InboxUnderTest => ({
  ...inbox,
  receiver: { engine, settings: { ...settings, MAX_ATTEMPTS: "3" } },
});

/** Everything that can go wrong: first by kind, then at once. */
function playAll(inbox: InboxUnderTest): Scenario[] {
  const impatient = giveUpEarly(inbox);
  return [
    playLong(inbox, "kills", ofProcesses),
    ...(inbox.storage === "SQLite"
      ? [
          playLong(inbox, "kills, full disk", [...ofProcesses, "full disk"]),
          playLong(impatient, "kills, 3 attempts", ofProcesses),
        ]
      : [
          playLong(inbox, "server faults", toServer),
          playLong(inbox, "everything", [...ofProcesses, "freezes", ...toServer]),
          playLong(impatient, "everything, 3 attempts", [...ofProcesses, ...toServer]),
        ]),
    ...(inbox.hasOrder ? [{ ...inOrder(inbox, "kills"), deliveries: 3000, seconds: 15, pauseMs: 50 }] : []),
  ];
}

/** For `pnpm chaos`. */
export const inboxGroups: readonly ScenarioGroup[] = inboxes.map((inbox) => ({
  title: inbox.name,
  scenarios: playAll(inbox),
}));

/** For `npm test`. */
export const inboxSlice: readonly Scenario[] = [
  onInbox(onPostgres("transaction"), "kills"),
  onInbox(onPostgres("lease"), "outages"),
  onInbox(onBullmq("Redis"), "kills"),
  inOrder(pgBoss, "lost replies", "lost server replies"),
];

const killed = {
  receiver: { engine: "sqliteInbox" },
  storage: "SQLite",
  faults: ["kill after the load"],
  deliveries: 100,
  seconds: 0,
} satisfies Partial<Scenario>;

/** Bugs in inboxes. */
export const plantedInInbox: readonly Scenario[] = [
  planted("accepted before it is kept", "acknowledged but lost", killed),
  planted("settled before it is handled", "acknowledged but lost", {
    ...killed,
    receiver: { engine: "sqliteInbox", settings: slow },
  }),
  planted("retry lost at restart", "acknowledged but lost", {
    ...killed,
    failures: { flaky: 0.5, poison: 0 },
  }),
  planted("dead letter dropped", "acknowledged but lost", {
    ...killed,
    faults: [],
    failures: { flaky: 0, poison: 0.2 },
  }),
  planted("two workers on one key", "handled at the same time as another of its key", {
    receiver: onPostgres("lease").receiver,
    storage: "PostgreSQL",
    faults: [],
    deliveries: 100,
    seconds: 0,
    keys: 5,
    isOrdered: true,
  }),
];
