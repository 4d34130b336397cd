import { createRequire } from "node:module";
import { join } from "node:path";

import { UsageError } from "../exit.js";

/** Loads packages of the user's project, which the program itself does not depend on. */
const requireFromProject = createRequire(join(process.cwd(), "package.json"));

/**
 * Loads a package of the project in the current folder.
 *
 * @param needed all packages that the engine needs, for the message
 * @throws {UsageError} if it is not installed there
 */
export function loadPackage(name: string, needed: readonly string[]): unknown {
  const loaded = findPackage(name);
  if (loaded !== undefined) return loaded;
  throw new UsageError(
    `The package ${name} is not installed in this folder: run this command in the folder of your app, or there npm install ${needed.join(" ")} first.`,
  );
}

/** Loads a package of the project in the current folder, if it is installed there. */
export function findPackage(name: string): unknown {
  try {
    requireFromProject.resolve(name);
  } catch {
    return undefined;
  }
  return requireFromProject(name);
}
