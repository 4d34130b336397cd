// Serves one adapter, or a planted bug: server.js koa. Opens and closes an endpoint for each round.
import { once } from "node:events";

import { closeMs, handlerError, handlerPrefix } from "./limits.js";
import type { ServerReport } from "./report.js";
import type { Endpoint, Handle } from "./servers/endpoint.js";
import { loadTarget } from "./servers/index.js";

/** A request of the fuzzer. */
export type Order = { open: { lookUpMs: number | undefined } } | "close";

const MOST_LINES = 2000;

let endpoint: Endpoint | undefined;
let runs: Record<string, number> = {};
let lines: string[] = [];
let warnings: string[] = [];

for (const stream of [process.stdout, process.stderr]) {
  stream.write = (text: string | Uint8Array) => {
    if (lines.length < MOST_LINES) lines.push(...String(text).trimEnd().split("\n"));
    return true;
  };
}
process.on("warning", ({ name, message, stack }) => {
  // Deprecations come from frameworks, and Node prints each only once.
  if (name !== "DeprecationWarning") warnings.push(stack ?? message);
});
process.once("disconnect", () => process.exit());

const start = await loadTarget(process.argv[2] ?? "");
process.on("message", (order: Order) => void (order === "close" ? close() : open(order.open.lookUpMs)));
process.send?.({ ready: true });

async function open(lookUpMs: number | undefined): Promise<void> {
  [runs, lines, warnings] = [{}, [], []];
  endpoint = await start({ handle, lookUpMs });
  process.send?.({ port: endpoint.port });
}

async function close(): Promise<void> {
  if (endpoint === undefined) throw new Error("The endpoint is not open: send an open order first.");
  const { server } = endpoint;
  const receiverMs = await measureMs(endpoint.closeReceiver);
  const serverMs = await measureMs(async () => {
    const closed = once(server, "close");
    server.close();
    const timer = setTimeout(() => server.closeAllConnections(), 2 * closeMs);
    await closed;
    clearTimeout(timer);
  });
  process.send?.({ runs, lines, warnings, closing: { receiverMs, serverMs } } satisfies ServerReport);
}

async function handle(_event: unknown, { deliveryId, signal }: Parameters<Handle>[1]): Promise<void> {
  runs[deliveryId] = (runs[deliveryId] ?? 0) + 1;
  if (deliveryId.startsWith(handlerPrefix.fails)) throw new Error(handlerError);
  if (deliveryId.startsWith(handlerPrefix.slow) && !signal.aborted) await once(signal, "abort");
}

async function measureMs(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return Math.round(performance.now() - startedAt);
}
