import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

import { build } from "esbuild";

import { findFolder, readManifest } from "../installed-packages.js";
import { measuredPackages } from "../measured-packages.js";
import type { Plan } from "../measure/interleave.js";
import { peerPackages } from "../peers.js";
import type { SuiteResult, Table } from "../report/result.js";
import { median } from "../measure/statistics.js";

/** Packages that users of ours have installed anyway. */
const FRAMEWORKS = measuredPackages.flatMap((name) =>
  Object.keys(readManifest(findFolder(name)).peerDependencies ?? {}),
);

/** Measures the size and the import time of each package. */
export async function sizeSuite({ rounds }: Plan): Promise<SuiteResult> {
  const table: Table = {
    title: "Size",
    note: "Minified by esbuild and gzipped, with all dependencies but the frameworks; the time of the first import in a process; the size of an installation in node_modules, and its number of dependencies.",
    unit: "bytes",
    cells: [],
  };
  const figures: SuiteResult["figures"] = {};
  const imports = importTimes([...measuredPackages, ...peerPackages, "node:crypto"], 2 * rounds + 1);
  for (const row of [...measuredPackages, ...peerPackages]) {
    const { minified, gzipped } = await bundle(`export * from ${JSON.stringify(row)}`);
    const installed = measureInstallation(row);
    const importMicros = imports.get(row) ?? Number.NaN;
    table.cells.push(
      { row, column: "minified", value: minified },
      { row, column: "gzipped", value: gzipped },
      { row, column: "import", value: importMicros, unit: "time" },
      { row, column: "installed", value: installed.bytes },
      { row, column: "dependencies", value: installed.dependencies, unit: "count" },
    );
    if (row !== "@ahasend-webhooks/core") continue;
    const verifyOnly = await bundle(`export { verify } from "@ahasend-webhooks/core"`);
    table.cells.push(
      { row: "@ahasend-webhooks/core, verify alone", column: "minified", value: verifyOnly.minified },
      { row: "@ahasend-webhooks/core, verify alone", column: "gzipped", value: verifyOnly.gzipped },
    );
    figures["core minified and gzipped"] = gzipped;
    figures["core import"] = importMicros;
    figures["core dependencies"] = installed.dependencies;
  }
  const column = "import";
  const value = imports.get("node:crypto") ?? Number.NaN;
  table.cells.push({ row: "node:crypto, which all of them import", column, value, unit: "time" });
  return { tables: [table], figures };
}

/** Bundles an entry without the frameworks. @returns its size in bytes */
async function bundle(contents: string): Promise<{ minified: number; gzipped: number }> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: import.meta.dirname },
    bundle: true,
    minify: true,
    write: false,
    platform: "node",
    format: "esm",
    target: "node20",
    external: FRAMEWORKS,
    logLevel: "error",
  });
  const code = outputFiles[0]?.contents ?? new Uint8Array();
  return { minified: code.length, gzipped: gzipSync(code, { level: 9 }).length };
}

/** Measures imports. @returns microseconds by name */
function importTimes(names: readonly string[], rounds: number): Map<string, number> {
  const samples = new Map(names.map((name) => [name, [] as number[]]));
  const folder = mkdtempSync(join(tmpdir(), "ahasend-webhooks-"));
  const empty = join(folder, "empty.mjs");
  writeFileSync(empty, "");
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, values] of samples) values.push(importMicros(name, empty));
  }
  rmSync(folder, { recursive: true });
  return new Map([...samples].map(([name, values]) => [name, median(values)]));
}

function importMicros(name: string, empty: string): number {
  const program = `
    // The first import in a process includes the start of Node's module loader.
    await import(${JSON.stringify(empty)});
    const at = performance.now();
    await import(${JSON.stringify(name)});
    console.log(performance.now() - at)`;
  const args = ["--input-type=module", "--eval", program];
  return Number(execFileSync(process.execPath, args, { cwd: import.meta.dirname, encoding: "utf8" })) * 1000;
}

/** Measures what npm would install for a package, its own folder included. */
function measureInstallation(name: string): { bytes: number; dependencies: number } {
  const folders = new Set<string>();
  const visit = (folder: string) => {
    if (folders.has(folder)) return;
    folders.add(folder);
    for (const dependency of Object.keys(readManifest(folder).dependencies ?? {}))
      visit(findFolder(dependency, folder));
  };
  visit(findFolder(name));
  let bytes = 0;
  for (const folder of folders) bytes += countPackedBytes(folder);
  return { bytes, dependencies: folders.size - 1 };
}

/** Counts the bytes of an installed folder; of our own folders only what is published. */
function countPackedBytes(folder: string): number {
  const { name = "", files } = readManifest(folder);
  if (!name.startsWith("@ahasend-webhooks/")) return countBytes(folder);
  const published = [...(files ?? []), "package.json", "README.md", "LICENSE"];
  return published.reduce((sum, entry) => sum + countBytes(join(folder, entry)), 0);
}

function countBytes(path: string): number {
  if (!statSync(path).isDirectory()) return readFileSync(path).length;
  return readdirSync(path)
    .filter((entry) => entry !== "node_modules")
    .reduce((sum, entry) => sum + countBytes(join(path, entry)), 0);
}
