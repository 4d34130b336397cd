import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

import { createReceiver } from "@ahasend-webhooks/express";
import { createLogger, logOutcome, openStorage, readConfig } from "@ahasend-webhooks/mail-desk";

import { createApp } from "./app.js";
import { createHandlers } from "./handlers.js";

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  // Connections that stand already would keep the process alive.
  process.exit(1);
}

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const log = createLogger();
  const storage = await openStorage(config, log);
  const { desk, store } = storage;
  const on = createHandlers(desk, join(config.dataDir, "inbox"));
  const receiver = createReceiver({ secret: config.secret, on, store, onOutcome: logOutcome(log) });

  const server = createServer(createApp(receiver, desk)).listen(config.port);
  await once(server, "listening");

  const shutDown = async (signal: NodeJS.Signals): Promise<void> => {
    log.info({ signal }, "draining");
    const closed = once(server, "close");
    server.close();
    await receiver.close();
    server.closeIdleConnections();
    // Replies on their way get a second to leave.
    setTimeout(() => server.closeAllConnections(), 1000).unref();
    await closed;
    await storage.close();
    log.info("stopped");
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void shutDown(signal));
  log.info({ port: (server.address() as AddressInfo).port, storage: storage.name }, "listening");
}
