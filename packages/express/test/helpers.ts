import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import express5, { type Express } from "express";
import express4 from "express4";
import { onTestFinished } from "vitest";

/** The versions of Express that the adapter supports. */
export const versions = [
  { version: 5, express: express5 },
  { version: 4, express: express4 },
] as const;

/** Serves an app on a free port until the test is over; returns the URL of the webhook. */
export async function listen(app: Express): Promise<string> {
  const server = createServer(app).listen(0, "127.0.0.1");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/ahasend`;
}
