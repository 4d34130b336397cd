import { type Report, passes } from "./run.js";

const columns = ["scenario", "deliveries", "kills", "effects", "dead", "twice", "p99 ms", "replies", "s", ""];
const widths = [46, 10, 5, 7, 4, 5, 6, 34, 3, 0];

/** Header of the summary table. */
export const headRow = row(columns);

/** Returns the row of a scenario in the summary table, and its violations below. */
export function reportRow(report: Report): string {
  const { scenario, violations, deliveries, kills, effects, deadLetters, repeated, p99Ms, replies, seconds } =
    report;
  const counts = [...replies]
    .toSorted(([one], [other]) => String(one).localeCompare(String(other)))
    .map(([reply, count]) => `${reply}: ${count}`);
  const verdict = passes(report) ? (scenario.planted === undefined ? "passed" : "found") : "FAILED";
  const cells = [
    scenario.name,
    deliveries,
    kills,
    effects,
    deadLetters,
    repeated,
    Math.round(p99Ms),
    counts.join(" "),
    Math.round(seconds),
  ];
  const details = passes(report) ? [] : violations;
  return [row([...cells.map(String), verdict]), ...details.map((violation) => `    ${violation}`)].join("\n");
}

function row(cells: readonly string[]): string {
  return cells
    .map((cell, index) => cell.padEnd(widths[index] ?? 0))
    .join("  ")
    .trimEnd();
}
