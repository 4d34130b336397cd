import type { AddressInfo, Server } from "node:net";
import { join } from "node:path";

import type { Outcome } from "@ahasend-webhooks/core";
import type { Logger } from "pino";

import { readConfig } from "./config.js";
import { Desk } from "./desk.js";
import { createLogger, logOutcomesTo } from "./log.js";
import { openStorage } from "./storage/open-storage.js";
import type { Storage } from "./storage/storage.js";

/** The parts that an example app is built from. */
export interface AppParts {
  secret: string;
  /** 0 for any free port. */
  port: number;
  desk: Desk;
  /** Keeps the receipts of deliveries. */
  store: Storage["store"];
  /** Logs the outcome of a delivery. */
  logOutcome: (outcome: Outcome) => void;
  log: Logger;
}

/** An app that listens. */
export interface RunningApp {
  server: Server;
  /** Finishes the deliveries in flight, then resolves. */
  stop(): Promise<void>;
}

/**
 * Opens the storage that the environment asks for and starts the app; stops both on SIGTERM. If the app cannot start,
 * the process ends with status 1 and one line that names the cause.
 */
export async function runApp(start: (parts: AppParts) => Promise<RunningApp>): Promise<void> {
  try {
    const config = readConfig(process.env);
    const log = createLogger();
    const storage = await openStorage(config, log);
    const { secret, port, dataDir } = config;
    const desk = new Desk(storage.entries, join(dataDir, "inbox"));
    const app = await start({
      secret,
      port,
      desk,
      store: storage.store,
      logOutcome: logOutcomesTo(log),
      log,
    });

    const shutDown = async (signal: NodeJS.Signals): Promise<void> => {
      log.info({ signal }, "draining");
      await app.stop();
      await storage.close();
      log.info("stopped");
    };
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void shutDown(signal));
    const address = app.server.address() as AddressInfo;
    log.info({ port: address.port, storage: storage.name }, "listening");
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    // Open connections would keep the process alive.
    process.exit(1);
  }
}
