import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { createDatabase, hasPostgres, hasRedis, startPostgres, startRedis } from "@ahasend-webhooks/harness";

import { Child } from "../child.js";
import { type InboxName, inboxNames, inboxes } from "../inboxes.js";
import type { Plan } from "../measure/interleave.js";
import { median, pairwiseRatio } from "../measure/statistics.js";
import type { InboxUsage } from "../programs/inbox.js";
import type { SuiteResult, Table } from "../report/result.js";
import {
  IN_FLIGHT,
  type Subject,
  WARM_UP_MS,
  measureRounds,
  pause,
  startSubject,
  waitUntilIdle,
} from "./subject.js";

/** A handler that takes this long keeps AhaSend waiting unless there is an inbox. */
const SLOW_MS = 3000;
const REFERENCE = "MemoryStore";

/** Returns the location of an empty inbox, or `undefined` if its server is not installed. */
type Locate = (name: InboxName) => Promise<string | undefined>;

/** Measures every inbox: what AhaSend waits for, and how fast a worker is. */
export async function inboxesSuite(plan: Plan): Promise<SuiteResult> {
  const folder = mkdtempSync(join(tmpdir(), "ahasend-webhooks-bench-"));
  const redis = hasRedis() ? await startRedis(["--appendfsync", "everysec"]) : undefined;
  const postgres = hasPostgres() ? await startPostgres({ durable: true }) : undefined;
  const [load] = await Child.start("load");
  let located = 0;
  const locate: Locate = async (name) => {
    located += 1;
    const { server } = { server: undefined, ...inboxes[name] };
    if (server === undefined) return join(folder, `${located}.db`);
    if (server === "Redis") return redis && `${redis.url}/${located}`;
    return postgres && createDatabase(postgres, `inbox_${located}`);
  };
  try {
    const accepting = await measureAccepting(load, plan, locate);
    const waiting = await measureSlowHandlers(load, plan, locate);
    return {
      tables: [accepting.table, waiting.table],
      figures: { ...accepting.figures, ...waiting.figures },
    };
  } finally {
    await load.stop();
    await redis?.stop();
    await postgres?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Measures receivers that only accept, then a worker on what they have accepted. */
async function measureAccepting(load: Child, plan: Plan, locate: Locate) {
  const table: Table = {
    title: "Accepting into an inbox",
    note: `New deliveries of 550 bytes over HTTP to node:http, which only accepts them; ${REFERENCE} handles them with an empty handler instead. Then a worker of one process, with an empty handler and 16 at the same time, handles what has been accepted. Redis writes to disk within a second, PostgreSQL and SQLite before the reply. Sender, server and database share the machine.`,
    unit: "perSecond",
    cells: [],
  };
  const figures: SuiteResult["figures"] = {};
  const locations = new Map<InboxName, string>();
  for (const name of inboxNames) {
    const location = await locate(name);
    if (location !== undefined) locations.set(name, location);
  }
  const subjects: Subject[] = [];
  try {
    subjects.push(await startSubject(REFERENCE, "server", "node", "received"));
    for (const [name, location] of locations)
      subjects.push(await startSubject(inboxes[name].name, "inbox", name, location, "accept"));
    await measureRounds(load, subjects, plan);
  } finally {
    await Promise.all(subjects.map(({ child }) => child.stop()));
  }
  const reference = subjects[0]?.concurrent ?? [];
  for (const { name, alone, concurrent } of subjects) {
    table.cells.push(
      { row: name, column: "alone", value: 1e6 / median(alone), unit: "time" },
      { row: name, column: `${IN_FLIGHT} in flight`, value: median(concurrent) },
    );
    if (name === REFERENCE) continue;
    const ratio = pairwiseRatio(concurrent, reference);
    figures[`${name}: accepted ÷ ${REFERENCE}`] = ratio;
    table.cells.push({ row: name, column: `÷ ${REFERENCE}`, value: ratio, unit: "times" });
  }
  for (const [name, location] of locations) {
    const { handledPerSecond, cpuMicros } = await measureWorker(name, location, plan);
    const row = inboxes[name].name;
    table.cells.push(
      { row, column: "worker", value: handledPerSecond },
      { row, column: "CPU of the worker per delivery", value: cpuMicros, unit: "time" },
    );
  }
  return { table, figures };
}

/** Measures whether AhaSend waits longer if handlers are slow. */
async function measureSlowHandlers(load: Child, plan: Plan, locate: Locate) {
  const table: Table = {
    title: "Acknowledgement with slow handlers",
    note: `Deliveries per second, ${IN_FLIGHT} in flight, that one process acknowledges while it also handles them: with an empty handler, and with one that takes ${SLOW_MS / 1000} seconds.`,
    unit: "perSecond",
    cells: [],
  };
  const figures: SuiteResult["figures"] = {};
  for (const name of plan.quick ? (["sqlite"] as const) : inboxNames) {
    const subjects: Subject[] = [];
    try {
      for (const handlerMs of [0, SLOW_MS]) {
        const location = await locate(name);
        if (location === undefined) continue;
        subjects.push(
          await startSubject(String(handlerMs), "inbox", name, location, "work", String(handlerMs)),
        );
      }
      await measureRounds(load, subjects, plan, ({ child }) => waitUntilIdle(child));
    } finally {
      await Promise.all(subjects.map(({ child }) => child.stop()));
    }
    const [quick, slow] = subjects;
    if (quick === undefined || slow === undefined) continue;
    const row = inboxes[name].name;
    const ratio = pairwiseRatio(slow.concurrent, quick.concurrent);
    figures[`${row}: acknowledged with a handler of 3 s ÷ without`] = ratio;
    table.cells.push(
      { row, column: "empty handler", value: median(quick.concurrent) },
      { row, column: `${SLOW_MS / 1000} s`, value: median(slow.concurrent) },
      { row, column: "ratio", value: ratio, unit: "times" },
    );
  }
  return { table, figures };
}

/** Measures a worker on a backlog. */
async function measureWorker(name: InboxName, location: string, { rounds, roundMs }: Plan) {
  const [worker] = await Child.start("inbox", name, location, "work");
  try {
    await pause(WARM_UP_MS);
    const before = await worker.ask<InboxUsage>({});
    const startedAt = performance.now();
    // As long as the backlog lasts for the fastest of them.
    await pause(Math.min((rounds * roundMs) / 2, 3000));
    const after = await worker.ask<InboxUsage>({});
    const handled = after.handled - before.handled;
    return {
      handledPerSecond: (handled * 1000) / (performance.now() - startedAt),
      cpuMicros: (after.cpuMicros - before.cpuMicros) / handled,
    };
  } finally {
    await worker.stop();
  }
}
