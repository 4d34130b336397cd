import { format } from "./format.js";
import { type Goal, goals, judge } from "./goals.js";
import type { Machine } from "./machine.js";
import type { Cell, SuiteResult, Table } from "./result.js";

/** The results of one run. */
export interface Report {
  machine: Machine;
  results: SuiteResult[];
}

const BEGIN = "<!-- results: written by pnpm bench -->";
const END = "<!-- end of results -->";

/** Returns all figures of a report by name. */
export function collectFigures({ results }: Report): Record<string, number> {
  return Object.assign({}, ...results.map(({ figures }) => figures)) as Record<string, number>;
}

/** Formats a report in Markdown: the machine, the goals, then the tables. */
export function toMarkdown(report: Report, drawChart: (table: Table) => string | undefined): string {
  const { cpu, cores, memoryGB, system, node, date, versions } = report.machine;
  const peers = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `${date}: ${cpu}, ${cores} cores, ${memoryGB} GB, ${system}, Node.js ${node}. ${peers.join(", ")}.`,
    "## Goals",
    formatGoals(collectFigures(report)),
    ...report.results
      .flatMap(({ tables }) => tables)
      .flatMap((table) => formatSection(table, drawChart(table))),
  ].join("\n\n");
}

/** Replaces the results between the two markers of a page. @throws {Error} if the markers are missing */
export function replaceResults(page: string, results: string): string {
  const from = page.indexOf(BEGIN);
  const to = page.indexOf(END);
  if (from === -1 || to < from)
    throw new Error(`The page has no markers for results: add ${BEGIN} and ${END}.`);
  return `${page.slice(0, from)}${BEGIN}\n\n${results}\n\n${page.slice(to)}`;
}

/** Formats a table in Markdown with aligned columns. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows;
  const widths = head.map((_, column) => Math.max(3, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((text, column) => pad(text, widths[column] ?? 0, column)).join(" | ")} |`;
  const rule = widths.map((width, column) =>
    column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`,
  );
  return [line(head), `| ${rule.join(" | ")} |`, ...body.map(line)].join("\n");
}

function formatSection(table: Table, chart: string | undefined): string[] {
  const columns = [...new Set(table.cells.map(({ column }) => column))];
  const rows = [...new Set(table.cells.map(({ row }) => row))];
  const find = (row: string, column: string) =>
    table.cells.find((cell) => cell.row === row && cell.column === column);
  return [
    `## ${table.title}`,
    table.note,
    ...(chart === undefined ? [] : [`![${table.title}](${chart})`]),
    formatTable([
      ["", ...columns],
      ...rows.map((row) => [row, ...columns.map((column) => formatCell(find(row, column), table))]),
    ]),
  ];
}

function formatGoals(figures: Readonly<Record<string, number>>): string {
  const limit = ({ better, unit }: Goal, value: number | undefined) =>
    value === undefined ? "" : `${better === "more" ? "≥" : "≤"} ${format(value, unit)}`;
  const rows = goals.map((goal) => {
    const value = figures[goal.figure];
    const measured = value === undefined ? "" : format(value, goal.unit);
    return [goal.figure, measured, limit(goal, goal.floor), limit(goal, goal.goal), judge(goal, value)];
  });
  return formatTable([["", "measured", "floor", "goal", ""], ...rows]);
}

function formatCell(cell: Cell | undefined, table: Table): string {
  return cell === undefined ? "" : format(cell.value, cell.unit ?? table.unit);
}

function pad(value: string, width: number, column: number): string {
  return column === 0 ? value.padEnd(width) : value.padStart(width);
}
