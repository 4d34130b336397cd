import { type PlantedBug, plantedBugs } from "./planted.js";

/** Settings of the test receiver, from environment variables. */
export interface Setup {
  secret: string;
  databaseUrl: string | undefined;
  /** Mode of PostgreSQL. */
  mode: "lease" | "transaction";
  /** PostgreSQL keeps deliveries in an inbox instead of asking the store before each handler. */
  hasInbox: boolean;
  /** Without either URL, deliveries are kept in a SQLite file. */
  redisUrl: string | undefined;
  dataDir: string;
  /** Duration of the handler: exactly this if `steady`, else a random part of it. */
  handlerMs: number;
  steady: boolean;
  deadlineSeconds: number;
  inFlightWaitSeconds: number;
  bug: PlantedBug | undefined;
}

export function readSetup(env: NodeJS.ProcessEnv): Setup {
  return {
    secret: env["AHASEND_WEBHOOK_SECRET"] ?? "",
    databaseUrl: env["DATABASE_URL"],
    mode: env["MODE"] === "transaction" ? "transaction" : "lease",
    hasInbox: env["INBOX"] === "yes",
    redisUrl: env["REDIS_URL"],
    dataDir: env["DATA_DIR"] ?? "",
    handlerMs: Number(env["HANDLER_MS"] ?? 0),
    steady: env["STEADY"] === "yes",
    deadlineSeconds: Number(env["DEADLINE_SECONDS"] ?? 4.5),
    inFlightWaitSeconds: Number(env["IN_FLIGHT_WAIT_SECONDS"] ?? 3),
    bug: plantedBugs.find((bug) => bug === env["BUG"]),
  };
}
