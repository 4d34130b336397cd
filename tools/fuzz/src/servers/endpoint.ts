import { once } from "node:events";
import { type RequestListener, type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { clockMs, receiverLimits, secret, serverLimits } from "../limits.js";

/** What runs for each delivery. */
export type Handle = (event: unknown, context: { deliveryId: string; signal: AbortSignal }) => Promise<void>;

/** A server that receives deliveries. */
export interface Endpoint {
  port: number;
  server: Server;
  closeReceiver(): Promise<void>;
}

/** Starts a server on a free port. */
export type StartEndpoint = (handle: Handle) => Promise<Endpoint>;

/** Options of every receiver but its handlers. */
export const intakeOptions = { secret, now: () => clockMs, ...receiverLimits };

/** Options of every receiver. */
export const receiverOptions = (handle: Handle) => ({ ...intakeOptions, on: { "*": handle } });

/** Makes a server with the short timeouts that all have. */
export function createLimitedServer(listener: RequestListener): Server {
  return createServer(serverLimits, listener);
}

/** Listens on a free port of this machine. */
export async function listen(server: Server, closeReceiver: Endpoint["closeReceiver"]): Promise<Endpoint> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, server, closeReceiver };
}
