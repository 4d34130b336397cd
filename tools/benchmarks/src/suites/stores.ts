import { type Backend, startBackends } from "../backends.js";
import { createKey } from "../store-calls.js";
import { type Candidate, type Plan, type Series, interleave, computeRatio } from "../measure/interleave.js";
import { type SuiteResult, type Table, toCell } from "../report/result.js";
import { median } from "../measure/statistics.js";

const IN_FLIGHT = 32;
/** The number of deliveries that follow each other in one run. */
const TURNS = 4;
const HISTORIES = { "10^3": 1e3, "10^6": 1e6 } as const;

/** Measures dedupe on each store: alone, concurrently, and with a long history. */
export async function storesSuite(plan: Plan): Promise<SuiteResult> {
  const slots = { cycles: plan.quick ? 5 : 15, slotMs: plan.quick ? 30 : 100 };
  const cost: Table = {
    title: "What dedupe costs",
    note: `Claim and commit of a new delivery: the time for one alone, and deliveries per second with ${IN_FLIGHT} in flight; the CPU is that of the process, without the server. Redis writes to disk within a second, PostgreSQL and MariaDB with each commit, SQLite once for all that is in flight.`,
    unit: "time",
    cells: [],
  };
  const history: Table = {
    title: "Dedupe history",
    note: `The same per delivery, with ${IN_FLIGHT} in flight, by the number of remembered deliveries.`,
    unit: "time",
    cells: [],
  };
  const figures: SuiteResult["figures"] = {};
  const backends = await startBackends();
  try {
    const stores = await backends.open("cost");
    for (const { candidate, column } of [
      { candidate: createSingle, column: "alone" },
      { candidate: createConcurrent, column: `${IN_FLIGHT} in flight` },
    ]) {
      const measured = await interleave(stores.flatMap(candidate), slots);
      if (column !== "alone") Object.assign(figures, toFigures(measured));
      for (const series of measured) {
        const cell = toCell(series, column);
        cost.cells.push(cell);
        if (column !== "alone") {
          cost.cells.push(
            { ...cell, column: "deliveries", value: 1e6 / median(series.micros), unit: "perSecond" },
            { row: series.name, column: "CPU", value: median(series.cpuMicros) },
          );
        }
      }
      for (const { name, write } of stores) {
        if (column === "alone" || write === undefined) continue;
        figures[`${name} ÷ ${write.name}`] = computeRatio(measured, name, write.name);
      }
    }
    if (plan.quick) return { tables: [cost], figures };

    const short = await backends.open("short");
    const long = await backends.open("long");
    for (const [index, few] of short.entries()) {
      const many = long[index];
      // MemoryStore has its own suite, and SQLite is a file of this process.
      if (many === undefined || few.ping === undefined) continue;
      await few.fill(HISTORIES["10^3"]);
      await many.fill(HISTORIES["10^6"]);
      const measured = await interleave(
        [
          { ...runInFlight(few.handle), name: "10^3" },
          { ...runInFlight(many.handle), name: "10^6" },
        ],
        slots,
      );
      history.cells.push(...measured.map((series) => ({ ...toCell(series, series.name), row: few.name })));
      figures[`${few.name}: history 10^6 ÷ 10^3`] = computeRatio(measured, "10^3", "10^6");
    }
    return { tables: [cost, history], figures };
  } finally {
    await backends.stop();
  }
}

/** Compares the stores in flight with the limit of their servers. */
function toFigures(measured: readonly Series[]): Record<string, number> {
  const figures: Record<string, number> = {};
  const sqlite = measured.find(({ name }) => name === "SQLite");
  if (sqlite !== undefined) figures["SQLite: claims and commits, 32 in flight"] = 1e6 / median(sqlite.micros);
  if (measured.some(({ name }) => name === "Redis")) {
    figures["Redis ÷ two PINGs"] = 2 * computeRatio(measured, "Redis", "bare PING");
  }
  return figures;
}

function createSingle(backend: Backend): Candidate[] {
  return listOperations(backend).map(({ name, run }) => ({ name, run: () => run(createKey()) }));
}

function createConcurrent(backend: Backend): Candidate[] {
  return listOperations(backend).map(({ name, run }) => ({ name, ...runInFlight(run) }));
}

/** Returns the store, and what it is compared with. */
function listOperations({ name, handle, ping, write }: Backend) {
  const references = [ping, write].filter((reference) => reference !== undefined);
  return [{ name, run: handle }, ...references];
}

/** Keeps {@link IN_FLIGHT} operations in flight, {@link TURNS} times in one run. */
function runInFlight(handle: Backend["handle"]): Pick<Candidate, "run" | "callsPerRun"> {
  const one = async () => {
    for (let turn = 0; turn < TURNS; turn += 1) await handle(createKey());
  };
  return {
    callsPerRun: IN_FLIGHT * TURNS,
    run: () => Promise.all(Array.from({ length: IN_FLIGHT }, one)),
  };
}
