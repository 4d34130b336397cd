import { once } from "node:events";
import { type RequestListener, type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

import { clockMs, receiverLimits, secret, serverLimits } from "../limits.js";

/** The handler of all deliveries. */
export type Handle = (event: unknown, context: { deliveryId: string; signal: AbortSignal }) => Promise<void>;

/** A server that receives deliveries. */
export interface Endpoint {
  port: number;
  server: Server;
  closeReceiver: () => Promise<void>;
}

/** The settings of a server for one round. */
export interface Setup {
  handle: Handle;
  /** Duration of the secret look-up, in milliseconds; `undefined` for a fixed secret. */
  lookUpMs: number | undefined;
}

/** Starts a server on a free port. */
export type StartEndpoint = (setup: Setup) => Promise<Endpoint>;

/** Returns the options of every receiver without its handlers. */
export function createIntakeOptions({ lookUpMs }: Setup) {
  const lookUp = () => sleep(lookUpMs, secret);
  return { secret: lookUpMs === undefined ? secret : lookUp, now: () => clockMs, ...receiverLimits };
}

/** Returns the options of every receiver. */
export function createReceiverOptions(setup: Setup) {
  return { ...createIntakeOptions(setup), on: { "*": setup.handle } };
}

/** Creates a server with the short timeouts of {@link serverLimits}. */
export function createLimitedServer(listener: RequestListener): Server {
  return createServer(serverLimits, listener);
}

/** Listens on a free port of this machine. */
export async function listen(server: Server, closeReceiver: Endpoint["closeReceiver"]): Promise<Endpoint> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, server, closeReceiver };
}
