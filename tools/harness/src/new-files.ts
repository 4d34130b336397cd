import { execFile } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

import { root } from "./workspace.js";

/** Way to create a folder of files that are always the same. */
interface Creation {
  /** Everything that the files depend on. */
  key: unknown[];
  create: (folder: string) => Promise<unknown>;
}

/**
 * Creates files in a folder that does not exist. Only the first time in a clone does it run the program that creates them: to
 * copy what that has created takes a tenth of the time.
 */
export async function createNewFiles(folder: string, { key, create }: Creation): Promise<void> {
  const name = createHash("sha256").update(JSON.stringify(key)).digest("hex").slice(0, 16);
  const template = join(root, "node_modules", ".cache", "test-files", name);
  if (existsSync(template)) return copy(template, folder);
  await create(folder);
  await keep(folder, template);
}

/** Other processes may do the same at the same time: the template has all files as soon as it has its name. */
async function keep(folder: string, template: string): Promise<void> {
  const unfinished = `${template}-${randomUUID()}`;
  await mkdir(dirname(template), { recursive: true });
  await copy(folder, unfinished);
  // It fails if another process was first.
  await rename(unfinished, template).catch(() => rm(unfinished, { recursive: true, force: true }));
}

/** Copies a folder together with the owner of its files: the server may run as another user. */
async function copy(from: string, to: string): Promise<void> {
  if (process.platform === "win32") await cp(from, to, { recursive: true });
  else await promisify(execFile)("cp", ["-Rp", from, to]);
}
