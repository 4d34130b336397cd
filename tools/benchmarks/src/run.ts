import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { drawBars } from "./report/draw-bars.js";
import { format } from "./report/format.js";
import { findBrokenFloors } from "./report/goals.js";
import { describeMachine } from "./report/machine.js";
import type { Plan } from "./measure/interleave.js";
import { type Report, collectFigures, replaceResults, toMarkdown } from "./report/report.js";
import type { SuiteResult, Table } from "./report/result.js";
import { suites } from "./suites/index.js";

/** Options of a run. */
export interface RunOptions {
  quick: boolean;
  check: boolean;
  /** Names of suites. */
  only: readonly string[] | undefined;
}

const full: Plan = { quick: false, cycles: 21, slotMs: 20, rounds: 5, roundMs: 1200 };
const rough: Plan = { quick: true, cycles: 5, slotMs: 8, rounds: 2, roundMs: 500 };

const docs = join(import.meta.dirname, "..", "..", "..", "docs");

/** Runs suites, prints the report, and writes a complete one into the documentation. @returns the exit status */
export async function runAll(options: RunOptions): Promise<number> {
  const names = selectSuites(options);
  const machine = describeMachine();
  const results: SuiteResult[] = [];
  for (const name of names) {
    const startedAt = performance.now();
    const result = await suites[name]?.run(options.quick ? rough : full);
    if (result !== undefined) results.push(result);
    console.error(`${name}: ${Math.round((performance.now() - startedAt) / 1000)} s`);
  }
  const report = { machine, results };
  console.log(toMarkdown(report, () => undefined));
  if (!options.quick && names.length === Object.keys(suites).length) writeReport(report);
  return options.check ? printBrokenFloors(report) : 0;
}

function selectSuites({ only, check, quick }: RunOptions): string[] {
  const names = Object.keys(suites);
  const unknown = only?.filter((name) => !names.includes(name)) ?? [];
  if (unknown.length > 0)
    throw new Error(`--only does not accept ${unknown.join(", ")}: use ${names.join(", ")}.`);
  if (only !== undefined) return names.filter((name) => only.includes(name));
  return names.filter((name) => (!check || suites[name]?.isCheckable) && (!quick || suites[name]?.isQuick));
}

function printBrokenFloors(report: Report): number {
  const figures = collectFigures(report);
  const broken = findBrokenFloors(figures);
  for (const { figure, better, floor, unit } of broken) {
    const limit = `${better === "more" ? "at least" : "at most"} ${format(floor, unit)}`;
    console.error(`${figure}: ${format(figures[figure] ?? Number.NaN, unit)}, but must be ${limit}`);
  }
  if (broken.length === 0) console.error("All figures are within their floors.");
  return broken.length === 0 ? 0 : 1;
}

function writeReport(report: Report): void {
  mkdirSync(join(docs, "charts"), { recursive: true });
  const drawChart = (table: Table): string | undefined => {
    if (table.chart === undefined) return undefined;
    const path = `charts/${table.title.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}.svg`;
    writeFileSync(join(docs, path), drawBars(table, table.chart));
    return path;
  };
  const page = join(docs, "performance.md");
  writeFileSync(page, replaceResults(readFileSync(page, "utf8"), toMarkdown(report, drawChart)));
  console.error("Wrote docs/performance.md and docs/charts.");
}
