import { type PlantedBug, plantedBugs } from "./planted.js";

/** What the receiver to torment is told by its environment. */
export interface Setup {
  secret: string;
  databaseUrl: string | undefined;
  /** On PostgreSQL. */
  mode: "lease" | "transaction";
  redisUrl: string;
  dataDir: string;
  /** How long the handler takes, in milliseconds: always, or a random part of it. */
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
    redisUrl: env["REDIS_URL"] ?? "",
    dataDir: env["DATA_DIR"] ?? "",
    handlerMs: Number(env["HANDLER_MS"] ?? 0),
    steady: env["STEADY"] === "yes",
    deadlineSeconds: Number(env["DEADLINE_SECONDS"] ?? 4.5),
    inFlightWaitSeconds: Number(env["IN_FLIGHT_WAIT_SECONDS"] ?? 3),
    bug: plantedBugs.find((bug) => bug === env["BUG"]),
  };
}
