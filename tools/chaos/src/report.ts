import { type Report, holds } from "./run.js";

const columns = ["scenario", "deliveries", "kills", "repeated", "p99 ms", "replies", "s", ""] as const;
const widths = [44, 10, 5, 8, 6, 34, 3, 0];

/** The head of the summary table. */
export const headRow = row([...columns]);

/** A scenario in the summary table, and below it what must not be. */
export function reportRow(report: Report): string {
  const { scenario, violations, deliveries, kills, repeated, p99Ms, replies, seconds } = report;
  const counts = [...replies]
    .toSorted(([one], [other]) => one - other)
    .map(([status, count]) => `${status === 0 ? "none" : status}: ${count}`);
  const verdict = holds(report) ? (scenario.planted === undefined ? "holds" : "found") : "FAILS";
  const cells = [
    scenario.name,
    deliveries,
    kills,
    repeated,
    Math.round(p99Ms),
    counts.join(" "),
    Math.round(seconds),
  ];
  const details = holds(report) ? [] : violations;
  return [row([...cells.map(String), verdict]), ...details.map((text) => `    ${text}`)].join("\n");
}

function row(cells: readonly string[]): string {
  return cells
    .map((cell, index) => cell.padEnd(widths[index] ?? 0))
    .join("  ")
    .trimEnd();
}
