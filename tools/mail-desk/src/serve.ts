import { once } from "node:events";
import { type IncomingMessage, type ServerResponse, createServer } from "node:http";

import type { Receiver } from "@ahasend-webhooks/core";

import type { RunningApp } from "./run-app.js";

/** Time for replies to leave after the last delivery. */
const REPLY_GRACE_MS = 1000;

/** Serves an app over HTTP. `stop` refuses new connections and waits for the deliveries in flight. */
export async function serve(
  app: (request: IncomingMessage, response: ServerResponse) => unknown,
  { port, receiver }: { port: number; receiver: Receiver },
): Promise<RunningApp> {
  const server = createServer((request, response) => void app(request, response)).listen(port);
  await once(server, "listening");
  return {
    server,
    async stop() {
      const closed = once(server, "close");
      server.close();
      await receiver.close();
      server.closeIdleConnections();
      setTimeout(() => server.closeAllConnections(), REPLY_GRACE_MS).unref();
      await closed;
    },
  };
}
