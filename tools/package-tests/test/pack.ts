import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { packages, root } from "@ahasend-webhooks/harness/workspace";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** The path of each package's tarball, by the name of its folder. */
    tarballs: Record<string, string>;
  }
}

/** Packs every package once for all test files. */
export default async function pack({ provide }: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "ahasend-webhooks-tarballs-"));
  const tarballs = packages.map(async (name) => {
    const destination = join(folder, name);
    await promisify(execFile)("pnpm", ["pack", "--pack-destination", destination], {
      cwd: join(root, "packages", name),
    });
    const [file] = await readdir(destination);
    if (file === undefined)
      throw new Error(`pnpm pack wrote no tarball of packages/${name}: build it first.`);
    return [name, join(destination, file)] as const;
  });
  provide("tarballs", Object.fromEntries(await Promise.all(tarballs)));
  return () => rm(folder, { recursive: true, force: true });
}
