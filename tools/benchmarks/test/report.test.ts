import { expect, it } from "vitest";

import { drawBars } from "../src/report/draw-bars.js";
import { format } from "../src/report/format.js";
import {
  type Report,
  collectFigures,
  formatTable,
  replaceResults,
  toMarkdown,
} from "../src/report/report.js";
import type { Table } from "../src/report/result.js";

const table: Table = {
  title: "Signature check",
  note: "The time it takes.",
  unit: "time",
  cells: [
    { row: "ahasend-webhooks", column: "550 B", value: 2.004 },
    { row: "a < b & c", column: "550 B", value: 18.84 },
    { row: "ahasend-webhooks", column: "1 MB", value: 637.2 },
    { row: "a < b & c", column: "times", value: 9.4, unit: "times" },
  ],
};

const report: Report = {
  machine: {
    date: "2026-11-25",
    cpu: "Some CPU",
    cores: 2,
    memoryGB: 25,
    system: "linux 6 x64",
    node: "20.20.2",
    versions: { stripe: "23.1.0" },
  },
  results: [{ tables: [table], figures: { "signature 550 B × standardwebhooks": 9.4 } }],
};

it.each([
  [0.0456, "time", "0.05 µs"],
  [2.004, "time", "2 µs"],
  [637.2, "time", "637 µs"],
  [1234, "time", "1.23 ms"],
  [2_500_000, "time", "2.5 s"],
  [550, "bytes", "550 B"],
  [600_000_000, "bytes", "600 MB"],
  [43_612, "perSecond", "43,600/s"],
  [0.875, "times", "0.875 ×"],
  [7, "count", "7"],
  [0, "count", "0"],
  [0, "time", "0 µs"],
] as const)("formats %d as %s: %s", (value, unit, text) => {
  expect(format(value, unit)).toBe(text);
});

it("formats a table with aligned columns and leaves missing cells empty", () => {
  expect(
    formatTable([
      ["", "a", "b"],
      ["x", "1,000 µs", ""],
    ]),
  ).toBe("|     |        a |   b |\n| --- | -------: | --: |\n| x   | 1,000 µs |     |");
});

it("reports the machine, versions, goals and tables", () => {
  const text = toMarkdown(report, () => "charts/signature-check.svg");
  expect(text).toContain("Some CPU, 2 cores, 25 GB, linux 6 x64, Node.js 20.20.2. stripe 23.1.0.");
  expect(text).toMatch(
    /\| signature 550 B × standardwebhooks +\| +9\.4 × \| +≥ 6 × \| +≥ 8 × \| +reached \|/,
  );
  expect(text).toMatch(/\| Koa: verified ÷ recipe +\| +\| .*not measured \|/);
  expect(text).toContain(
    "## Signature check\n\nThe time it takes.\n\n![Signature check](charts/signature-check.svg)",
  );
  expect(text).toMatch(/\| ahasend-webhooks \| +2 µs \| 637 µs \| +\|/);
  expect(text).toMatch(/\| a < b & c +\| 18\.8 µs \| +\| 9\.4 × \|/);
});

it("collects the figures of all suites", () => {
  expect(
    collectFigures({ ...report, results: [...report.results, { tables: [], figures: { other: 1 } }] }),
  ).toEqual({
    "signature 550 B × standardwebhooks": 9.4,
    other: 1,
  });
});

it("replaces only the results of a page", () => {
  const page = "before\n<!-- results: written by pnpm bench -->\n\nold\n\n<!-- end of results -->\nafter\n";
  const once = replaceResults(page, "new");
  expect(once).toBe(
    "before\n<!-- results: written by pnpm bench -->\n\nnew\n\n<!-- end of results -->\nafter\n",
  );
  expect(replaceResults(once, "new")).toBe(once);
  expect(() => replaceResults("no markers", "new")).toThrow(/has no markers for results/);
});

it("draws the bars of a column to scale, highlights ours and escapes text", () => {
  const svg = drawBars(table, ["550 B"]);
  const bars = [...svg.matchAll(/<rect class="([^"]+)" .*? width="(\d+)"/g)].map(([, kind, width]) => ({
    kind,
    width: Number(width),
  }));
  expect(bars).toEqual([
    { kind: "bar ours", width: Math.round((400 * 2.004) / 18.84) },
    { kind: "bar", width: 400 },
  ]);
  expect(svg).toContain("a &#60; b &#38; c");
  expect(svg).not.toContain("637");
  expect(svg).toContain("prefers-color-scheme:dark");
});
