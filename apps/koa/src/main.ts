import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { createReceiver } from "@ahasend-webhooks/koa";

import { createApp } from "./app.js";
import { readConfig } from "./config.js";
import { Desk } from "./desk.js";
import { createHandlers } from "./handlers.js";
import { createLogger, logOutcome } from "./log.js";

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const { port, secret, dataDir } = readConfig(process.env);
  const log = createLogger();
  const desk = await Desk.open(dataDir);
  const receiver = createReceiver({ secret, on: createHandlers(desk), onOutcome: logOutcome(log) });

  const server = createServer(createApp(receiver, desk)).listen(port);
  await once(server, "listening");
  log.info({ port: (server.address() as AddressInfo).port }, "listening");

  const shutDown = async (signal: NodeJS.Signals): Promise<void> => {
    log.info({ signal }, "draining");
    const closed = once(server, "close");
    server.close();
    await receiver.close();
    server.closeIdleConnections();
    // Replies on their way get a second to leave.
    setTimeout(() => server.closeAllConnections(), 1000).unref();
    await closed;
    log.info("stopped");
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void shutDown(signal));
}
