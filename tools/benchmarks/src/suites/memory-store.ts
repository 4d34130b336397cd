import { MemoryStore } from "@ahasend-webhooks/core";

import { collectGarbage } from "../measure/collect-garbage.js";
import { type Candidate, type Plan, interleave, computeRatio } from "../measure/interleave.js";
import { type SuiteResult, type Table, toCell } from "../report/result.js";
import { median } from "../measure/statistics.js";
import { LEASE_MS, RETAIN_MS, createKey } from "../store-calls.js";

/** Measures remembering a delivery in memory after few and after many others. */
export async function memoryStoreSuite(plan: Plan): Promise<SuiteResult> {
  // First: what other measurements leave to the collector would count.
  const bytes = measureBytes();
  const measured = await interleave([createCandidate("10^3", 1e3), createCandidate("10^6", 1e6)], plan);
  const table: Table = {
    title: "MemoryStore",
    note: "Claim and commit of a new delivery, by the number of remembered deliveries.",
    unit: "time",
    cells: measured.map((series) => ({ ...toCell(series, series.name), row: "claim + commit" })),
  };
  return {
    tables: [table],
    figures: {
      "MemoryStore claim + commit": median(measured[0]?.micros ?? []),
      "bytes that MemoryStore keeps per remembered delivery": bytes,
      "MemoryStore: history 10^6 ÷ 10^3": computeRatio(measured, "10^3", "10^6"),
    },
  };
}

function createCandidate(name: string, deliveries: number): Candidate {
  const store = new MemoryStore({ maxEntries: 10_000_000 });
  let count = 0;
  const run = () => {
    const key = `default:msg_${(count += 1)}`;
    store.claim(key, "token", LEASE_MS);
    store.commit(key, "token", RETAIN_MS);
  };
  for (let filled = 0; filled < deliveries; filled += 1) run();
  return { name, run };
}

/** Returns the memory per remembered delivery just after the table has grown, when it is largest. */
function measureBytes(): number {
  const store = new MemoryStore();
  const before = readBytes();
  let largest = 0;
  for (let count = 1; count <= 200_000; count += 1) {
    const key = createKey();
    store.claim(key, "token", LEASE_MS);
    store.commit(key, "token", RETAIN_MS);
    if (count >= 100_000 && count % 10_000 === 0) largest = Math.max(largest, (readBytes() - before) / count);
  }
  return largest;
}

function readBytes(): number {
  // Twice: the buffers that the first one finds may be freed beside it, on another thread.
  for (let round = 0; round < 2; round += 1) collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
