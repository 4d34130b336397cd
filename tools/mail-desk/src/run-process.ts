import { join } from "node:path";

import type { Outcome } from "@ahasend-webhooks/core";
import { isInbox } from "@ahasend-webhooks/core/inbox";
import type { Logger } from "pino";

import type { Config } from "./config.js";
import { DeadLetterDesk } from "./dead-letter-desk.js";
import { Desk } from "./desk.js";
import { createLogger, logOutcomesTo } from "./log.js";
import { openStorage } from "./storage/open-storage.js";
import type { Storage } from "./storage/storage.js";

/** The parts that apps and workers are built from. */
export interface CommonParts {
  desk: Desk;
  /** Keeps the receipts of deliveries, or the deliveries themselves until they are handled. */
  store: Storage["store"];
  /** Logs the outcome of a delivery. */
  onOutcome: (outcome: Outcome) => void;
  log: Logger;
}

/** Something that runs until SIGTERM, and its storage. */
interface Running {
  stop(): Promise<void>;
  storage: Storage;
  /** Logged when it can be stopped. */
  state: "listening" | "working";
  port?: number;
}

/** Opens the storage and what is built on it. */
export async function openParts(
  { storage: config, failType }: Config,
  log: Logger,
): Promise<CommonParts & { storage: Storage }> {
  const storage = await openStorage(config, log);
  const { entries, store } = storage;
  const deadLetters = isInbox(store) ? new DeadLetterDesk(store.deadLetters) : undefined;
  const desk = new Desk({ entries, inbox: join(config.dataDir, "inbox"), deadLetters, failType });
  return { desk, store, onOutcome: logOutcomesTo(log), log, storage };
}

/**
 * Starts something, and stops it and its storage on SIGTERM. If it cannot start, the process ends with status 1 and one
 * line that names the cause.
 */
export async function runProcess(start: (log: Logger) => Promise<Running>): Promise<void> {
  try {
    const log = createLogger();
    const running = await start(log);
    const shutDown = async (signal: NodeJS.Signals): Promise<void> => {
      log.info({ signal }, "draining");
      await running.stop();
      await running.storage.close();
      log.info("stopped");
    };
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void shutDown(signal));
    log.info({ port: running.port, storage: running.storage.name }, running.state);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    // Open connections would keep the process alive.
    process.exit(1);
  }
}
