import { once } from "node:events";
import { type IncomingMessage, createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { createReceiver } from "@ahasend-webhooks/core";
import { nodeRequest } from "@ahasend-webhooks/core/node";
import { Webhook } from "standardwebhooks";

import { Child } from "../child.js";
import { secret } from "../deliveries.js";
import { collectGarbage } from "../measure/collect-garbage.js";
import type { Plan } from "../measure/interleave.js";
import type { SuiteResult, Table } from "../report/result.js";
import { median } from "../measure/statistics.js";

/** Accepts or refuses a request. */
type Check = (request: IncomingMessage) => Promise<unknown>;

const receiver = createReceiver({ secret, on: {}, onOutcome: () => undefined });
const webhook = new Webhook(secret, { format: "raw" });

const checks: Record<string, Check> = {
  "ahasend-webhooks": (request) => receiver.receive(nodeRequest(request)),
  standardwebhooks: async (request) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    try {
      return webhook.verify(Buffer.concat(chunks), request.headers as Record<string, string>);
    } catch (error) {
      return error;
    }
  },
};

/**
 * Measures one large delivery over HTTP: the wait of the sender after its last byte, and the longest time that it blocks the
 * process. It is forged, so that JSON.parse is not included.
 */
export async function streamSuite({ rounds }: Plan): Promise<SuiteResult> {
  const table: Table = {
    title: "A large delivery as it arrives",
    note: "30 MB, forged, so that JSON.parse is not included: the time from the last byte to the verdict, and the longest time that the process did nothing else.",
    unit: "time",
    cells: [],
  };
  const figures: SuiteResult["figures"] = {};
  const [load] = await Child.start("load");
  try {
    for (const [name, check] of Object.entries(checks)) {
      const verdicts: number[] = [];
      const stalls: number[] = [];
      for (let round = 0; round <= rounds; round += 1) {
        const { verdictMs, stallMs } = await observe(check, load);
        // The first round is a warm-up.
        if (round > 0) verdicts.push(verdictMs * 1000);
        if (round > 0) stalls.push(stallMs * 1000);
      }
      table.cells.push(
        { row: name, column: "last byte to verdict", value: median(verdicts) },
        { row: name, column: "longest stall", value: median(stalls) },
      );
      if (name !== "ahasend-webhooks") continue;
      figures["30 MB streamed: last byte to verdict"] = median(verdicts);
      figures["30 MB streamed: longest stall"] = median(stalls);
    }
  } finally {
    await load.stop();
  }
  return { tables: [table], figures };
}

/** Receives one delivery. */
async function observe(check: Check, load: Child): Promise<{ verdictMs: number; stallMs: number }> {
  let verdictMs = Number.NaN;
  let stallMs = 0;
  const server = createServer((request, response) => {
    let lastByteAt = performance.now();
    request.on("data", () => (lastByteAt = performance.now()));
    const stopWatching = watchTurns((turnMs) => (stallMs = Math.max(stallMs, turnMs)));
    void check(request).then(() => {
      verdictMs = performance.now() - lastByteAt;
      stopWatching();
      response.writeHead(401).end();
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  collectGarbage();
  await load.ask({ port: (server.address() as AddressInfo).port, uploads: 1, size: "30 MB", forged: true });
  server.close();
  await once(server, "close");
  return { verdictMs, stallMs };
}

/** Reports the length of each turn of the event loop. @returns a function that stops it */
function watchTurns(onTurn: (ms: number) => void): () => void {
  let turnedAt = performance.now();
  let immediate = setImmediate(function turn() {
    onTurn(performance.now() - turnedAt);
    turnedAt = performance.now();
    immediate = setImmediate(turn);
  });
  return () => {
    clearImmediate(immediate);
    onTurn(performance.now() - turnedAt);
  };
}
