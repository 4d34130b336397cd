import { once } from "node:events";
import { type RequestListener, type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { onTestFinished } from "vitest";

/** Serves a listener, or a server of a platform, on a free port until the test ends. Returns the URL of the webhook. */
export async function serve(listenerOrServer: RequestListener | Server): Promise<string> {
  const isListener = typeof listenerOrServer === "function";
  const server = isListener ? createServer(listenerOrServer) : listenerOrServer;
  server.listen(0, "127.0.0.1");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/ahasend`;
}

/** The fields of a test vector that a delivery needs. */
interface Vector {
  secret: string;
  webhook_id_header: string;
  webhook_timestamp: string;
  webhook_signature: string;
  body: string;
}

/** Returns the delivery of a test vector, and the options of a receiver whose clock stands at its timestamp. */
export function replayVector(vector: Vector) {
  return {
    options: { secret: vector.secret, now: () => Number(vector.webhook_timestamp) * 1000 },
    delivery: {
      headers: {
        "content-type": "application/json",
        "webhook-id": vector.webhook_id_header,
        "webhook-timestamp": vector.webhook_timestamp,
        "webhook-signature": vector.webhook_signature,
      },
      body: vector.body,
    },
  };
}
