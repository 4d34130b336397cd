import { existsSync, readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** The properties of a package.json that are read here. */
export interface Manifest {
  name?: string;
  version?: string;
  files?: string[];
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

/** Finds the folder of a package that a module in `from` would import. @throws {Error} if it is not installed */
export function findFolder(name: string, from = dirname(import.meta.filename)): string {
  for (const folder of createRequire(join(from, "x.js")).resolve.paths(name) ?? []) {
    const candidate = join(folder, name);
    if (existsSync(join(candidate, "package.json"))) return realpathSync(candidate);
  }
  throw new Error(`${name} is not installed: run pnpm install.`);
}

/** Reads the package.json of a folder. */
export function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
}

/** Reads the version of an installed package. */
export function readVersion(name: string): string {
  return readManifest(findFolder(name)).version ?? "unknown";
}
