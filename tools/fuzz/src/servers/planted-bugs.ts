import type { EventEmitter } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";

import { type Outcome, type Receiver, createReceiver, sign } from "@ahasend-webhooks/core";
import { nodeRequest, writeReply } from "@ahasend-webhooks/core/node";

import type { Promised } from "../judge.js";
import { clockMs, secret } from "../limits.js";
import {
  type Handle,
  type StartEndpoint,
  createLimitedServer,
  listen,
  createReceiverOptions,
} from "./endpoint.js";

interface ReceiverChanges {
  secret?: string[];
  maxBodyBytes?: number;
  onOutcome?: (outcome: Outcome) => void;
}

/** The input of a planted bug. */
interface Visit {
  request: IncomingMessage;
  response: ServerResponse;
  receiver: Receiver;
}

/** Misbehaves for a request. @returns `true` if the receiver must not see the request */
type Misbehave = (visit: Visit) => boolean | undefined;

/** Typical bugs of receivers. The fuzzer must find each of them. */
export const plantedBugs = {
  "crash on 8-bit header": plant(({ request }) => {
    if (request.rawHeaders.some((text) => /[\x80-\xff]/.test(text))) throw new Error("8-bit header");
    return false;
  }),
  "unhandled rejection at reset": plant(({ request }) => {
    request.once("aborted", () => void Promise.reject(new Error("aborted")));
    return false;
  }),
  "no reply to chunked": plant(({ request }) => request.headers["transfer-encoding"] !== undefined),
  "200 for PUT": plant(({ request, response }) => {
    if (request.method !== "PUT") return false;
    response.end("ok");
    return true;
  }),
  "401 for a missing header": plant(({ request, response }) => {
    if (request.headers["webhook-id"] !== undefined) return false;
    response.writeHead(401).end('{"code":"missing_header"}');
    return true;
  }),
  "handler runs twice": plantInHandler(async (handle, event, context) => {
    await handle(event, context);
    if (context.deliveryId.endsWith("2")) await handle(event, context);
  }),
  "acknowledges what it refused": plant(({ request, response, receiver }) => {
    if (request.method !== "POST" || request.headers["webhook-id"] === undefined) return false;
    void receiver.receive(nodeRequest(request)).then(() => response.writeHead(204).end());
    return true;
  }),
  "forged secret accepted": plant(() => false, { secret: [secret, `${secret}-not`] }),
  "reply lost behind another": plant(({ request, response }) => {
    const seen = (request.socket as { seen?: boolean }).seen === true;
    Object.assign(request.socket, { seen: true });
    if (seen) response.writeHead = () => response.destroy();
    return false;
  }),
  // Half of the memory budget for large bodies.
  "memory budget leaks": plantHung(200_000),
  "413 below the limit": plant(() => false, { maxBodyBytes: 100_000 }),
  "request stays in flight": plantHung(100),
  "sender is banned": plantBan(),
  "log line for every request": plant(() => false, {
    onOutcome: ({ code }) => console.log(`outcome ${code}`),
  }),
  "listener for every request": plant(({ request }) => {
    const server: EventEmitter | undefined = (request.socket as { server?: EventEmitter }).server;
    server?.on("drop", () => request.pause());
    return false;
  }),
  "garbage before the reply": plant(({ request }) => {
    if (request.method === "DELETE") request.socket.write("garbage\r\n\r\n");
    return false;
  }),
} as const satisfies Record<string, StartEndpoint>;

/** The name of a planted bug. */
export type PlantedBug = keyof typeof plantedBugs;

/** The promise that each planted bug breaks. */
export const expectedViolations = {
  "crash on 8-bit header": "crash",
  "unhandled rejection at reset": "crash",
  "no reply to chunked": "hang",
  "200 for PUT": "status",
  "401 for a missing header": "status",
  "handler runs twice": "handled twice",
  "acknowledges what it refused": "acknowledged unhandled",
  "forged secret accepted": "forged handled",
  "reply lost behind another": "reply lost",
  "memory budget leaks": "memory budget",
  "413 below the limit": "honest refused",
  "request stays in flight": "slow close",
  "sender is banned": "refused after noise",
  "log line for every request": "log flood",
  "listener for every request": "warning",
  "garbage before the reply": "malformed reply",
} as const satisfies Record<PlantedBug, Promised>;

function plant(misbehave: Misbehave, changes: ReceiverChanges = {}): StartEndpoint {
  return (setup) => {
    const receiver = createReceiver({ ...createReceiverOptions(setup), ...changes });
    const server = createLimitedServer((request, response) => {
      if (misbehave({ request, response, receiver }) === true) return;
      void receiver.receive(nodeRequest(request)).then((reply) => writeReply(request, response, reply));
    });
    return listen(server, () => receiver.close({ timeoutSeconds: 2 }));
  };
}

function plantInHandler(run: (handle: Handle, ...args: Parameters<Handle>) => Promise<void>): StartEndpoint {
  const start = plant(() => false);
  return (setup) => start({ ...setup, handle: (event, context) => run(setup.handle, event, context) });
}

/** Adds a delivery whose handler never ends to every request. */
function plantHung(bytes: number): StartEndpoint {
  const body = JSON.stringify({ type: "message.hung", data: "x".repeat(bytes) });
  const timestamp = String(clockMs / 1000);
  const hang = () => new Promise<void>(() => undefined);
  return (setup) => {
    let count = 0;
    const start = plant(({ receiver }) => {
      const id = `hung_${(count += 1)}`;
      const signature = sign({ secret, id, timestamp, body });
      const headers = { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature };
      void receiver.receive({ headers, body });
      return false;
    });
    return start({
      ...setup,
      handle: (event, context) =>
        (event as { type: string }).type === "message.hung" ? hang() : setup.handle(event, context),
    });
  };
}

/** Refuses all deliveries of a round after the first forged one. */
function plantBan(): StartEndpoint {
  return (setup) => {
    let isBanned = false;
    const start = plant(
      ({ response }) => {
        if (isBanned) response.writeHead(503, { "retry-after": "1" }).end('{"code":"overloaded"}');
        return isBanned;
      },
      { onOutcome: ({ code }) => void (isBanned ||= code === "invalid_signature") },
    );
    return start(setup);
  };
}
