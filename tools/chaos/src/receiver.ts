/**
 * The test receiver, as its own process: one slow handler that writes effects down and, on request, a planted bug. A GET
 * request returns the state of its inbox.
 */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { createReceiver } from "@ahasend-webhooks/core";
import { nodeHandler } from "@ahasend-webhooks/core/node";

import { openEngine } from "./engines/open-engine.js";
import { createHandlers } from "./handlers.js";
import { readInboxState } from "./inbox-state.js";
import { plantInReceiver } from "./engines/planted.js";
import { log, readSetup } from "./setup.js";

const setup = readSetup(process.env);
const engine = await openEngine(setup);
const receiver = createReceiver({
  secret: setup.secret,
  store: engine.store,
  deadlineSeconds: setup.deadlineSeconds,
  inFlightWaitSeconds: setup.inFlightWaitSeconds,
  on: createHandlers(setup, engine),
  onOutcome: () => undefined,
  ...(setup.isWorking ? {} : { work: false }),
});

const receive = nodeHandler(plantInReceiver(receiver, setup.bug));
const server = createServer((request, response) => {
  if (request.method !== "GET") return receive(request, response);
  return readInboxState(engine.store).then(
    (state) => response.end(JSON.stringify(state)),
    () => response.writeHead(503).end(),
  );
}).listen(0, "127.0.0.1");
await once(server, "listening");
process.once("SIGTERM", () => void shutDown());
log({ msg: "listening", port: (server.address() as AddressInfo).port });

async function shutDown(): Promise<void> {
  const closed = once(server, "close");
  server.close();
  await receiver.close();
  server.closeAllConnections();
  await closed;
  await engine.close();
}
