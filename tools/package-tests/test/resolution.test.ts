import { readFile } from "node:fs/promises";

import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { packages } from "@ahasend-webhooks/harness/workspace";
import { describe, expect, inject, it } from "vitest";

/** Returns the problems that Are the Types Wrong? finds in a tarball, except those of `moduleResolution` node10. */
async function findProblems(tarball: string) {
  const data = createPackageFromTarballData(new Uint8Array(await readFile(tarball)));
  const result = await checkPackage(data);
  if (!result.types) throw new Error(`${tarball} contains no types.`);
  return result.problems.filter(
    (problem) => !("resolutionKind" in problem) || problem.resolutionKind !== "node10",
  );
}

describe("the types in the tarball", () => {
  it.each(packages)(
    "of packages/%s are right for import, require and bundlers",
    async (name) => {
      expect(await findProblems(inject("tarballs")[name]!)).toEqual([]);
    },
    60_000,
  );
});
