import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Child } from "../child.js";
import { sizes } from "../deliveries.js";
import type { UploadResult } from "../load/upload.js";
import type { LoadResult } from "../load/send-small.js";
import type { Plan } from "../measure/interleave.js";
import type { Usage } from "../programs/server.js";
import type { Sample } from "../programs/soak.js";
import type { SuiteResult, Table } from "../report/result.js";
import type { Variant } from "../servers/variant.js";

/** Measures the memory of large deliveries, and whether many small ones leak any. */
export async function memorySuite({ quick }: Plan): Promise<SuiteResult> {
  const large: Table = {
    title: "Memory for large deliveries",
    note: 'Simultaneous deliveries of 30 MB to node:http: the peak memory of the process, and the number of accepted deliveries; the others were refused with 503. "recipe" has no memory budget. During several large ones, another process sends small deliveries one after the other: the longest wait for a reply to one of them.',
    unit: "bytes",
    cells: [],
  };
  const figures: SuiteResult["figures"] = {};
  for (const uploads of quick ? [1, 10] : [1, 10, 50]) {
    for (const variant of ["received", "recipe"] as const) {
      const { baseBytes, peakBytes, accepted, slowestMs } = await measureUploads(variant, uploads);
      const row = `${uploads} × 30 MB`;
      large.cells.push(
        { row, column: variant, value: peakBytes },
        { row, column: `${variant}, accepted`, value: accepted, unit: "count" },
      );
      if (uploads > 1) {
        large.cells.push({
          row,
          column: `${variant}, slowest small one`,
          value: slowestMs * 1000,
          unit: "time",
        });
      }
      if (variant === "recipe") continue;
      if (uploads === 1) {
        const event = 1;
        figures["memory of one 30 MB body beyond the parsed event"] =
          (peakBytes - baseBytes) / sizes["30 MB"] - event;
      }
      if (uploads === 50) {
        figures["memory with 50 bodies of 30 MB at once"] = peakBytes;
        figures["small delivery amid 50 bodies of 30 MB"] = slowestMs * 1000;
      }
    }
  }
  if (quick) return { tables: [large], figures };
  const remembered = await measureSoak("soak");
  figures["memory after 1,000,000 deliveries ÷ after 200,000"] = remembered.ratio;
  const worked = await measureInboxSoak();
  figures["memory of a worker after 1,000,000 deliveries ÷ after 200,000"] = worked.ratio;
  const soak: Table = {
    title: "Memory over a million small deliveries",
    note: "Remembered in memory: 100,000 a day on a simulated clock, for 24 hours, so that from 100,000 on each new delivery replaces an expired one. Inbox: accepted into a SQLite file and handled by the same process. Measured after a garbage collection; heap includes typed arrays.",
    unit: "bytes",
    cells: [...toCells("in memory", remembered.samples), ...toCells("inbox", worked.samples)],
  };
  return { tables: [large, soak], figures };
}

/** Measures one run of simultaneous uploads. */
async function measureUploads(variant: Variant, uploads: number) {
  const [server, { port }] = await Child.start<{ port: number }>("server", "node", variant);
  const [load] = await Child.start("load");
  const [small] = await Child.start("load");
  try {
    await small.ask({ ports: [port], connections: 1, ms: 100 });
    const { nowBytes: baseBytes } = await server.ask<Usage>({ collect: true });
    const large = { hasEnded: false };
    const uploading = load
      .ask<UploadResult>({ port, uploads, size: "30 MB" })
      .finally(() => (large.hasEnded = true));
    let slowestMs = 0;
    // Not beside a single one: the garbage of small deliveries would count for it.
    if (uploads > 1) {
      while (!large.hasEnded) {
        const sent = await small.ask<LoadResult>({ ports: [port], connections: 1, ms: 50 });
        slowestMs = Math.max(slowestMs, sent.slowestMs);
      }
    }
    const { statuses } = await uploading;
    const { peakBytes } = await server.ask<Usage>({});
    return { baseBytes, peakBytes, accepted: statuses[204] ?? 0, slowestMs };
  } finally {
    await Promise.all([server.stop(), load.stop(), small.stop()]);
  }
}

/** Measures memory over many small deliveries. */
async function measureSoak(program: string, ...args: string[]) {
  const [child] = await Child.start(program, ...args);
  try {
    const samples = await child.ask<Sample[]>({ deliveries: 1_000_000 });
    const ratio = (samples.at(-1)?.heapBytes ?? Number.NaN) / (samples[1]?.heapBytes ?? Number.NaN);
    return { samples, ratio };
  } finally {
    await child.stop();
  }
}

async function measureInboxSoak() {
  const folder = mkdtempSync(join(tmpdir(), "ahasend-webhooks-bench-"));
  try {
    return await measureSoak("inbox-soak", join(folder, "inbox.db"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function toCells(kind: string, samples: readonly Sample[]): Table["cells"] {
  return samples.flatMap(({ deliveries, heapBytes, residentBytes }) => {
    const row = `after ${deliveries.toLocaleString("en-US")}`;
    return [
      { row, column: `${kind}: heap`, value: heapBytes },
      { row, column: `${kind}: resident`, value: residentBytes },
    ];
  });
}
