import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { CopiesSummary } from "@ahasend-webhooks/harness/copies";
import { packages, root } from "@ahasend-webhooks/harness/workspace";

/** The part of vitest's JSON report that is read. */
interface TestReport {
  testResults: {
    assertionResults: { fullName: string; status: string; meta: { copies?: CopiesSummary } }[];
  }[];
}

/**
 * Plays 20 copies at once of each of 200 deliveries on every store and executor, and prints a table. The tests are the files
 * `*.copies.ts` of this folder and of the packages.
 *
 * @param only plays only stores whose names contain it
 * @returns whether all have passed
 * @throws {Error} if there is none of that name
 */
export async function playCopies(only: string): Promise<boolean> {
  const folders = [join(root, "tools/chaos"), ...packages.map((name) => join(root, "packages", name))];
  let [played, failures] = [0, 0];
  for (const folder of folders) {
    if (!(await hasCopies(join(folder, "test")))) continue;
    const { summaries, failed } = await runTests(folder, only);
    played += summaries.length + failed.length;
    failures += failed.length;
    if (summaries.length > 0) console.log(toTable(summaries).join("\n"));
    for (const name of failed) console.log(`FAILED: ${name}`);
  }
  if (played === 0) throw new Error(`No store has "${only}" in its name: leave --only out for all.`);
  return failures === 0;
}

async function hasCopies(folder: string): Promise<boolean> {
  if (!existsSync(folder)) return false;
  return (await readdir(folder, { recursive: true })).some((file) => file.endsWith(".copies.ts"));
}

async function runTests(
  folder: string,
  only: string,
): Promise<{ summaries: CopiesSummary[]; failed: string[] }> {
  const reports = await mkdtemp(join(tmpdir(), "ahasend-webhooks-copies-"));
  const path = join(reports, "report.json");
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const args = [vitest, "run", "--reporter=json", `--outputFile=${path}`, "-t", `copies at once: .*${only}`];
  try {
    const child = spawn(process.execPath, args, {
      cwd: folder,
      env: { ...process.env, COPIES: "yes" },
      stdio: ["ignore", "ignore", "inherit"],
    });
    await once(child, "exit");
    const report = JSON.parse(await readFile(path, "utf8")) as TestReport;
    const results = report.testResults.flatMap(({ assertionResults }) => assertionResults);
    return {
      summaries: results.flatMap(({ meta: { copies } }) => copies ?? []),
      failed: results.filter(({ status }) => status === "failed").map(({ fullName }) => fullName),
    };
  } finally {
    await rm(reports, { recursive: true });
  }
}

/** A row for each store: what each fault has cost. */
function toTable(summaries: readonly CopiesSummary[]): string[] {
  const columns = [...new Set(summaries.map(({ fault }) => fault))];
  const subjects = [...new Set(summaries.map(({ subject }) => subject))];
  const rows = subjects.map((subject) => [
    subject,
    ...columns.map((column) =>
      toCell(summaries.find((one) => one.subject === subject && one.fault === column)),
    ),
  ]);
  return [["200 deliveries × 20 copies", ...columns], ...rows].map((cells) =>
    cells
      .map((cell, index) => cell.padEnd(index === 0 ? 40 : 28))
      .join("")
      .trimEnd(),
  );
}

function toCell(summary: CopiesSummary | undefined): string {
  if (summary === undefined) return "-";
  const { refused, repeated, seconds } = summary;
  const twice = repeated === 0 ? "" : `, ${repeated} twice`;
  return `${refused} refused${twice}, ${Math.round(seconds)} s`;
}
