import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { packages, root } from "@ahasend-webhooks/harness/workspace";
import { beforeAll, describe, expect, it } from "vitest";

import { compile } from "./compile.js";

/** The type tests of all packages, as paths from the root. */
const typeTests = packages.flatMap((name) =>
  readdirSync(join(root, "packages", name, "test"), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".test-d.ts"))
    .map((path) => join("packages", name, "test", path).replaceAll("\\", "/")),
);

// The linter compiles them as well. Here they are counted.
describe("the type tests", () => {
  let errors: string[];

  beforeAll(async () => {
    const wrong = readFileSync(join(root, "packages/express/test/types.test-d.ts"), "utf8")
      .replace("@ts-expect-error", "no error is expected:")
      .replace("../src/index.js", "@ahasend-webhooks/express");
    errors = await compile(typeTests, new Map([["wrong.ts", wrong]]));
  }, 60_000);

  it("exist in every package", () => {
    const tested = new Set(typeTests.map((path) => path.split("/")[1]));
    expect(packages.filter((name) => !tested.has(name))).toEqual([]);
  });

  it.each(typeTests)("of %s pass", (path) => {
    expect(errors.filter((error) => error.startsWith(`${path}(`))).toEqual([]);
  });

  it("fail if a line compiles or fails to compile against expectation", () => {
    expect(errors).toEqual([expect.stringMatching(/^wrong\.ts\(/)]);
  });
});
