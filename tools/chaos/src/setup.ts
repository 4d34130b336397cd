import type { InboxOptions } from "@ahasend-webhooks/core";

import { readContent } from "./content.js";
import { type PlantedBug, plantedBugs } from "./engines/planted.js";

/** The stores and inboxes that the test receiver can use. */
export const engines = [
  "redisStore",
  "postgresStore",
  "mysqlStore",
  "sqliteInbox",
  "postgresInbox",
  "bullmqInbox",
  "pgBossInbox",
] as const;

/** A store or an inbox, named after its factory. */
export type EngineName = (typeof engines)[number];

/** Settings of the test receiver and of its workers, from environment variables. */
export interface Setup {
  secret: string;
  engine: EngineName;
  /** The address of PostgreSQL, MySQL or Redis, empty for SQLite. */
  url: string;
  /** Mode of PostgreSQL and MySQL. */
  mode: "lease" | "transaction";
  /** The receiver handles deliveries as well, if it has an inbox. */
  isWorking: boolean;
  /** Handle events with the same key one at a time and in order. */
  isOrdered: boolean;
  /** A delivery is a dead letter after this many failures. */
  maxAttempts: number;
  /** The folder of effects. */
  dataDir: string;
  /** The folder of the SQLite file. */
  databaseDir: string;
  /** Duration of the handler: exactly this if `steady`, else a random part of it. */
  handlerMs: number;
  steady: boolean;
  deadlineSeconds: number;
  inFlightWaitSeconds: number;
  bug: PlantedBug | undefined;
}

export function readSetup(env: NodeJS.ProcessEnv): Setup {
  const dataDir = env["DATA_DIR"] ?? "";
  return {
    secret: env["AHASEND_WEBHOOK_SECRET"] ?? "",
    engine: engines.find((engine) => engine === env["ENGINE"]) ?? "sqliteInbox",
    url: env["DATABASE_URL"] ?? env["REDIS_URL"] ?? "",
    mode: env["MODE"] === "transaction" ? "transaction" : "lease",
    isWorking: env["WORK"] !== "no",
    isOrdered: env["ORDERED"] === "yes",
    // By default, random kills must not make dead letters of what can be handled.
    maxAttempts: Number(env["MAX_ATTEMPTS"] ?? 1000),
    dataDir,
    databaseDir: env["DATABASE_DIR"] ?? dataDir,
    handlerMs: Number(env["HANDLER_MS"] ?? 0),
    steady: env["STEADY"] === "yes",
    deadlineSeconds: Number(env["DEADLINE_SECONDS"] ?? 4.5),
    inFlightWaitSeconds: Number(env["IN_FLIGHT_WAIT_SECONDS"] ?? 3),
    bug: plantedBugs.find((bug) => bug === env["BUG"]),
  };
}

/** Returns the options that every inbox of the test receiver has: retries come soon. */
export function toInboxOptions({ isOrdered, maxAttempts }: Setup) {
  return {
    backoffSeconds: () => 0.2,
    maxAttempts,
    ...(isOrdered ? { orderingKey: (event) => readContent(event).key } : {}),
  } satisfies InboxOptions;
}

/** Writes one JSON line to the log. */
export function log(line: { msg: string } & Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
