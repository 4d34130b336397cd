import { existsSync, readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** The part of a package.json that is of interest here. */
export interface Manifest {
  name?: string;
  version?: string;
  files?: string[];
  dependencies?: Record<string, string>;
}

/** The folder of an installed package, as a module in another folder would find it. @throws {Error} if there is none */
export function findFolder(name: string, from = dirname(import.meta.filename)): string {
  for (const folder of createRequire(join(from, "x.js")).resolve.paths(name) ?? []) {
    const found = join(folder, name);
    if (existsSync(join(found, "package.json"))) return realpathSync(found);
  }
  throw new Error(`${name} is not installed: run pnpm install.`);
}

/** The package.json of a folder. */
export function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
}

/** The version of an installed package. */
export function readVersion(name: string): string {
  return readManifest(findFolder(name)).version ?? "unknown";
}
