import { once } from "node:events";
import { type IncomingMessage, type RequestListener, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

import { type Outcome, type ReceiverOptions, createReceiver } from "@ahasend-webhooks/core";
import { nodeHandler } from "@ahasend-webhooks/core/node";
import { onTestFinished } from "vitest";

import { type EmulatorOptions, createEmulator } from "../src/index.js";

export const secret = "aha-whsec-Zk4vT9wQ2mX7bN1sL6pR3yC8dF5gH0jA";

/** Creates an emulator that is closed after the test. */
export function openEmulator(options: EmulatorOptions = {}) {
  const emulator = createEmulator(options);
  onTestFinished(() => emulator.close());
  return emulator;
}

/**
 * Serves a listener on a free port until the test has finished.
 *
 * @param onFinished the `onTestFinished` of a concurrent test
 * @returns its URL
 */
export async function serve(listener: RequestListener, onFinished = onTestFinished): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  onFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/ahasend`;
}

/** Returns the URL of a port where no server listens. */
export async function closedPort(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}/`;
}

/** A received request. */
export interface Arrived {
  method: string;
  url: string;
  headers: IncomingMessage["headers"];
  body: Buffer;
}

type Reply = (request: Arrived, response: ServerResponse) => unknown;

/** A receiver that never replies. */
export const neverReply: Reply = () => undefined;

/** Starts a server that records requests and replies with a status or a callback. */
export async function noting(reply: number | Reply = 204) {
  const arrived: Arrived[] = [];
  const url = await serve((request, response) => {
    void buffer(request).then(
      (body) => {
        const { method = "", url = "", headers } = request;
        arrived.push({ method, url, headers, body });
        if (typeof reply === "number") response.writeHead(reply).end();
        else reply(arrived.at(-1)!, response);
      },
      () => undefined,
    );
  });
  return { url, arrived };
}

/** Starts a real receiver, and records its outcomes and the events that its handler got. */
export async function receiving(options: Partial<ReceiverOptions> = {}) {
  const outcomes: Outcome[] = [];
  const handled: { type: string; id: string; event: object }[] = [];
  const receiver = createReceiver({
    secret,
    on: { "*": (event, { deliveryId }) => void handled.push({ type: event.type, id: deliveryId, event }) },
    onOutcome: (outcome) => outcomes.push(outcome),
    ...options,
  } as ReceiverOptions);
  const url = await serve(nodeHandler(receiver));
  return { url, outcomes, handled };
}

/** Creates an emulator with one webhook, without pauses between attempts. */
export function sendingTo(url: string, options: EmulatorOptions = {}) {
  const emulator = openEmulator({ speed: Infinity, ...options });
  const webhook = emulator.endpoints.create({ url, secret });
  return { emulator, webhook };
}
