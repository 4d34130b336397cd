import type { AddressInfo, Server } from "node:net";

import { readAppConfig } from "./config.js";
import { type Pages, createPages } from "./pages.js";
import { type CommonParts, openParts, runProcess } from "./run-process.js";

/** The parts that an example app is built from. */
export interface AppParts extends CommonParts {
  /** 0 for any free port. */
  port: number;
  secret: string;
  /** `false`: deliveries are only accepted, and workers handle them. */
  work: boolean;
  pages: Pages;
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
export function runApp(start: (parts: AppParts) => Promise<RunningApp>): Promise<void> {
  return runProcess(async (log) => {
    const { port, secret, work, ...config } = readAppConfig(process.env);
    const { storage, ...parts } = await openParts(config, log);
    const pages = createPages(parts.desk, log);
    const app = await start({ ...parts, port, secret, work, pages });
    const address = app.server.address() as AddressInfo;
    return { state: "listening", port: address.port, stop: () => app.stop(), storage };
  });
}
