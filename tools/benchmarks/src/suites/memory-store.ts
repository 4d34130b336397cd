import { MemoryStore } from "@ahasend-webhooks/core";

import { type Candidate, type Plan, interleave, computeRatio } from "../measure/interleave.js";
import { type SuiteResult, type Table, toCell } from "../report/result.js";
import { median } from "../measure/statistics.js";

const LEASE_MS = 15_000;
const RETAIN_MS = 86_400_000;

/** Measures remembering a delivery in memory after few and after many others. */
export async function memoryStoreSuite(plan: Plan): Promise<SuiteResult> {
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
