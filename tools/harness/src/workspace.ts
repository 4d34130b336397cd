import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the repository. Looked up, because programs that bundle this file stand elsewhere. */
export const root = findRoot(dirname(fileURLToPath(import.meta.url)));

/** The folders of the published packages, such as `store-redis`. Every other list derives from the folders as well. */
export const packages: readonly string[] = listFolders("packages");

/** The folders of the example apps, such as `express`: one for each framework that has an adapter. */
export const apps: readonly string[] = listFolders("apps");

/** The packages that adapt the receiver to a framework: those that have an example app. */
export const adapters: readonly string[] = packages.filter((name) => apps.includes(name));

/** The packages that keep receipts outside the process. */
export const stores: readonly string[] = packages.filter((name) => name.startsWith("store-"));

function listFolders(folder: string): string[] {
  const names = readdirSync(join(root, folder)).toSorted();
  // A branch that has no such package leaves its node_modules behind.
  return names.filter((name) => existsSync(join(root, folder, name, "package.json")));
}

function findRoot(folder: string): string {
  if (existsSync(join(folder, "pnpm-workspace.yaml"))) return folder;
  const parent = dirname(folder);
  if (parent === folder)
    throw new Error("There is no pnpm-workspace.yaml above this program: run it from a clone.");
  return findRoot(parent);
}
