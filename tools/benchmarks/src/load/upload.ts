import { connect } from "node:net";

import { type Size, createBody, createDelivery, forge } from "../deliveries.js";
import { formatHead, parseStatus } from "./request.js";

/** A request to send large deliveries at the same time. */
export interface Upload {
  port: number;
  uploads: number;
  size: Size;
  /** `true` if they are signed with another secret. */
  forged?: boolean;
}

/** The result of an upload. */
export interface UploadResult {
  /** The number of replies by status; status 0 counts lost connections. */
  statuses: Record<number, number>;
  seconds: number;
}

/** Sends deliveries of one size at the same time. */
export async function upload({ port, uploads, size, ...kind }: Upload): Promise<UploadResult> {
  const body = createBody(size);
  const heads = Array.from({ length: uploads }, () => {
    const delivery = createDelivery(body);
    return formatHead(kind.forged === true ? forge(delivery) : delivery);
  });
  const startedAt = performance.now();
  const statuses: Record<number, number> = {};
  for (const status of await Promise.all(heads.map((head) => send(port, head, body)))) {
    statuses[status] = (statuses[status] ?? 0) + 1;
  }
  return { statuses, seconds: (performance.now() - startedAt) / 1000 };
}

/** Sends one delivery. @returns the status of the reply, or 0 if the connection was lost */
function send(port: number, head: Buffer, body: Buffer): Promise<number> {
  return new Promise((resolve) => {
    let received = "";
    const socket = connect(port, "127.0.0.1", () => {
      socket.write(head);
      socket.write(body);
    });
    const finish = () => {
      socket.destroy();
      resolve(parseStatus(received) || 0);
    };
    socket.on("data", (chunk: Buffer) => {
      received += chunk.toString("latin1");
      if (received.includes("\r\n\r\n")) finish();
    });
    // A server that refuses a delivery may close the connection during the upload.
    socket.on("error", finish);
    socket.on("close", finish);
  });
}
