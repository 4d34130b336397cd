import { once } from "node:events";
import { type Socket, connect } from "node:net";

import { createBody, createDelivery } from "../deliveries.js";
import { formatHead, parseStatus } from "./request.js";

/** An order to send small deliveries, each with an id of its own, over connections that are kept. */
export interface Load {
  ports: readonly number[];
  connections: number;
  ms: number;
  /**
   * Keeps the sender from sleeping, where it has a core of its own. Otherwise a server that is slower than the sender pays
   * for waking it with every answer, which can cost more than the delivery, and a quicker one does not.
   */
  staysAwake?: boolean;
}

/** How it went. */
export interface LoadResult {
  requests: number;
  seconds: number;
  /** The longest time that one of them waited for its answer, in milliseconds. */
  slowestMs: number;
}

const body = createBody("550 B");
/** How many deliveries per millisecond are signed beforehand, so that signing takes no time while sending. */
let perMs = 30;

/**
 * Keeps every connection busy with one request at a time.
 *
 * @throws {Error} at the first answer that is not 204
 */
export async function sendSmall({ ports, connections, ms, staysAwake = false }: Load): Promise<LoadResult> {
  const requests = Array.from({ length: Math.ceil(perMs * ms) }, makeRequest);
  const sockets = await Promise.all(
    Array.from({ length: connections }, (_, index) => open(ports[index % ports.length] ?? 0)),
  );
  let answered = 0;
  let slowestMs = 0;
  const startedAt = performance.now();
  let isOver = false;
  const spin = () => void (isOver || setImmediate(spin));
  if (staysAwake) spin();
  await Promise.all(
    sockets.map((socket) =>
      keepBusy(socket, {
        next: () => (performance.now() - startedAt < ms ? (requests.pop() ?? makeRequest()) : undefined),
        onAnswer: (waitedMs) => {
          answered += 1;
          slowestMs = Math.max(slowestMs, waitedMs);
        },
      }),
    ),
  ).finally(() => (isOver = true));
  const seconds = (performance.now() - startedAt) / 1000;
  for (const socket of sockets) socket.destroy();
  perMs = (1.2 * answered) / ms;
  return { requests: answered, seconds, slowestMs };
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
  { next, onAnswer }: { next: () => Buffer | undefined; onAnswer: (waitedMs: number) => void },
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
      if (parseStatus(received) !== 204) return reject(new Error(`The server answered: ${received}`));
      received = "";
      onAnswer(performance.now() - sentAt);
      send();
    });
    socket.once("close", () => reject(new Error("The server closed a connection.")));
    send();
  });
}
