import { connect } from "node:net";

import { type Size, bodyOf, deliveryOf, forged } from "../deliveries.js";
import { headOf, statusOf } from "./request.js";

/** An order to send large deliveries at the same time. */
export interface Upload {
  port: number;
  uploads: number;
  size: Size;
  /** Signed with another secret. */
  forged?: boolean;
  /** Sends a small delivery so many milliseconds after the first large one. */
  smallAfterMs?: number;
}

/** How it went. */
export interface UploadResult {
  /** How often each status was answered; 0 where the connection was lost. */
  statuses: Record<number, number>;
  seconds: number;
  /** From sending the small delivery to its answer, in milliseconds. */
  smallMs?: number;
}

/** Sends large deliveries at the same time, and perhaps a small one in the middle. */
export async function upload({ port, uploads, size, smallAfterMs, ...kind }: Upload): Promise<UploadResult> {
  const body = bodyOf(size);
  const deliveries = Array.from({ length: uploads }, () => deliveryOf(body));
  const startedAt = performance.now();
  const all = Promise.all(
    deliveries.map((delivery) =>
      send(port, headOf(kind.forged === true ? forged(delivery) : delivery), body),
    ),
  );
  const smallMs = smallAfterMs === undefined ? undefined : await sendSmallOne(port, smallAfterMs);
  const statuses: Record<number, number> = {};
  for (const status of await all) statuses[status] = (statuses[status] ?? 0) + 1;
  const seconds = (performance.now() - startedAt) / 1000;
  return { statuses, seconds, ...(smallMs !== undefined && { smallMs }) };
}

async function sendSmallOne(port: number, afterMs: number): Promise<number> {
  const delivery = deliveryOf(bodyOf("550 B"));
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  const startedAt = performance.now();
  const status = await send(port, headOf(delivery), delivery.body);
  if (status !== 204) throw new Error(`The small delivery was answered ${status}.`);
  return performance.now() - startedAt;
}

/** @returns the status of the answer, 0 if there was none */
function send(port: number, head: Buffer, body: Buffer): Promise<number> {
  return new Promise((resolve) => {
    let received = "";
    const socket = connect(port, "127.0.0.1", () => {
      socket.write(head);
      socket.write(body);
    });
    const finish = () => {
      socket.destroy();
      resolve(statusOf(received) || 0);
    };
    socket.on("data", (chunk: Buffer) => {
      received += chunk.toString("latin1");
      if (received.includes("\r\n\r\n")) finish();
    });
    // A server that refuses closes while we are still sending.
    socket.on("error", finish);
    socket.on("close", finish);
  });
}
