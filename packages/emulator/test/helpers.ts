import { once } from "node:events";
import { type IncomingMessage, type RequestListener, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

import { type Outcome, type ReceiverOptions, createReceiver } from "@ahasend-webhooks/core";
import { nodeHandler } from "@ahasend-webhooks/core/node";
import { onTestFinished } from "vitest";

import { type EmulatorOptions, createEmulator } from "../src/index.js";

export const secret = "aha-whsec-Zk4vT9wQ2mX7bN1sL6pR3yC8dF5gH0jA";

/** An emulator that is closed when the test is over. */
export function openEmulator(options: EmulatorOptions = {}) {
  const emulator = createEmulator(options);
  onTestFinished(() => emulator.close());
  return emulator;
}

/**
 * Serves a listener on a free port until the test is over.
 *
 * @param whenOver a test that runs beside others has one of its own
 * @returns its URL
 */
export async function serve(listener: RequestListener, whenOver = onTestFinished): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  whenOver(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/ahasend`;
}

/** The URL of a port at which nobody listens. */
export async function closedPort(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}/`;
}

/** A request as it arrived. */
export interface Arrived {
  method: string;
  url: string;
  headers: IncomingMessage["headers"];
  body: Buffer;
}

type Reply = (request: Arrived, response: ServerResponse) => unknown;

/** A receiver that takes a delivery and says nothing more. */
export const neverAnswer: Reply = () => undefined;

/** A server that notes what arrives and answers with a status, or as it is told. */
export async function noting(answer: number | Reply = 204) {
  const arrived: Arrived[] = [];
  const url = await serve((request, response) => {
    void buffer(request).then(
      (body) => {
        const { method = "", url = "", headers } = request;
        arrived.push({ method, url, headers, body });
        if (typeof answer === "number") response.writeHead(answer).end();
        else answer(arrived.at(-1)!, response);
      },
      () => undefined,
    );
  });
  return { url, arrived };
}

/** A real receiver, with its outcomes and the ids and types that its handler saw. */
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

/** An emulator with one webhook for a URL, without pauses between attempts. */
export function sendingTo(url: string, options: EmulatorOptions = {}) {
  const emulator = openEmulator({ speed: Infinity, ...options });
  const webhook = emulator.endpoints.create({ url, secret });
  return { emulator, webhook };
}
