import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import Koa3 from "koa";
import Koa2 from "koa2";
import { onTestFinished } from "vitest";

/** The versions of Koa that the adapter supports. */
export const versions = [
  { version: 3, Koa: Koa3 },
  { version: 2, Koa: Koa2 },
] as const;

/** Serves an app on a free port until the test is over; returns the URL of the webhook. */
export async function listen(app: Koa3): Promise<string> {
  const handle = app.callback();
  const server = createServer((request, response) => void handle(request, response)).listen(0, "127.0.0.1");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/ahasend`;
}
