import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Violation } from "./judge.js";
import type { Script } from "./script.js";

/** A script that once broke a promise and must not do so again. */
export interface KeptCase extends Violation {
  /** The server that broke the promise. */
  target: string;
  seed: number;
  script: Script;
}

/** Writes a case. @returns its path */
export function keepCase(folder: string, kept: KeptCase): string {
  const name = [kept.promise.replaceAll(" ", "-"), kept.target.replaceAll(" ", "-"), kept.seed].join("_");
  const path = join(folder, `${name}.json`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, `${JSON.stringify(kept, undefined, 2)}\n`);
  return path;
}

/** All cases of a folder, by name. */
export function readCases(folder: string): Map<string, KeptCase> {
  const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
  return new Map(
    names.map((name) => [name, JSON.parse(readFileSync(join(folder, name), "utf8")) as KeptCase]),
  );
}
