import { once } from "node:events";
import { type Socket, connect } from "node:net";

import { createBody, createDelivery } from "../deliveries.js";
import { formatHead, parseStatus } from "./request.js";

/** A request to send small deliveries, each with its own id, over persistent connections. */
export interface Load {
  ports: readonly number[];
  connections: number;
  ms: number;
  /**
   * Keep the sender from sleeping. Otherwise a server that is slower than the sender pays for waking it with every reply,
   * which can cost more than the delivery, while a faster one does not. Needs a free core.
   */
  staysAwake?: boolean;
}

/** The result of a load. */
export interface LoadResult {
  requests: number;
  seconds: number;
  /** The longest wait for a reply, in milliseconds. */
  slowestMs: number;
}

const body = createBody("550 B");
/** Deliveries per millisecond that are signed in advance, so that signing takes no time during the load. */
let perMs = 30;

/**
 * Keeps every connection busy with one request at a time.
 *
 * @throws {Error} for the first reply that is not 204
 */
export async function sendSmall({ ports, connections, ms, staysAwake = false }: Load): Promise<LoadResult> {
  const requests = Array.from({ length: Math.ceil(perMs * ms) }, makeRequest);
  const sockets = await Promise.all(
    Array.from({ length: connections }, (_, index) => open(ports[index % ports.length] ?? 0)),
  );
  let replies = 0;
  let slowestMs = 0;
  const startedAt = performance.now();
  let hasEnded = false;
  const spin = () => void (hasEnded || setImmediate(spin));
  if (staysAwake) spin();
  await Promise.all(
    sockets.map((socket) =>
      keepBusy(socket, {
        next: () => (performance.now() - startedAt < ms ? (requests.pop() ?? makeRequest()) : undefined),
        onReply: (waitedMs) => {
          replies += 1;
          slowestMs = Math.max(slowestMs, waitedMs);
        },
      }),
    ),
  ).finally(() => (hasEnded = true));
  const seconds = (performance.now() - startedAt) / 1000;
  for (const socket of sockets) socket.destroy();
  perMs = (1.2 * replies) / ms;
  return { requests: replies, seconds, slowestMs };
}

function makeRequest(): Buffer {
  const delivery = createDelivery(body);
  return Buffer.concat([formatHead(delivery), body]);
}

async function open(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1").setNoDelay();
  await once(socket, "connect");
  return socket;
}

function keepBusy(
  socket: Socket,
  { next, onReply }: { next: () => Buffer | undefined; onReply: (waitedMs: number) => void },
): Promise<void> {
  return new Promise((resolve, reject) => {
    let received = "";
    let sentAt = 0;
    const send = () => {
      const request = next();
      if (request === undefined) return resolve();
      sentAt = performance.now();
      socket.write(request);
    };
    socket.on("data", (chunk: Buffer) => {
      received += chunk.toString("latin1");
      if (!received.endsWith("\r\n\r\n") && parseStatus(received) === 204) return;
      if (parseStatus(received) !== 204) return reject(new Error(`The server replied: ${received}`));
      received = "";
      onReply(performance.now() - sentAt);
      send();
    });
    socket.once("close", () => reject(new Error("The server closed a connection.")));
    send();
  });
}
