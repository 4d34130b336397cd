import { fileURLToPath } from "node:url";

import { beforeAll, describe, expect, it } from "vitest";

import { readCases } from "../src/cases.js";
import type { Violation } from "../src/judge.js";
import { generate } from "../src/noise/generate.js";
import { play } from "../src/play.js";
import type { Script } from "../src/script.js";
import { targetNames } from "../src/servers/index.js";
import { Target } from "../src/target.js";

const program = fileURLToPath(new URL("../dist/server.js", import.meta.url));
const cases = readCases(fileURLToPath(new URL("../cases", import.meta.url)));

const kept = [...cases].map(([file, { script }]): [string, Script] => [file, script]);
const seeded = [1, 2].map((seed): [string, Script] => [`seed ${seed}`, generate(seed)]);

/** Plays scripts on a server and returns the broken promises by the name of the script. */
async function findBrokenPromises(
  scripts: [string, Script][],
  target: Target,
): Promise<Record<string, Violation[]>> {
  const broken: Record<string, Violation[]> = {};
  try {
    for (const [name, script] of scripts) {
      const violations = await play(target, script);
      if (violations.length > 0) broken[name] = violations;
    }
  } finally {
    await target.stop();
  }
  return broken;
}

describe.concurrent.each(targetNames)("the server %s", (name) => {
  let broken: Record<string, Violation[]>;

  // One process plays all of them: each script has an endpoint of its own.
  beforeAll(async () => {
    broken = await findBrokenPromises([...kept, ...seeded], new Target(name, program));
  }, 120_000);

  it("keeps its promises in every script of tools/fuzz/cases", () => {
    expect(brokenBy(kept)).toEqual({});
  });

  it("keeps its promises in random scripts", () => {
    expect(brokenBy(seeded)).toEqual({});
  });

  function brokenBy(scripts: [string, Script][]) {
    return Object.fromEntries(
      Object.entries(broken).filter(([name]) => scripts.some(([script]) => script === name)),
    );
  }
});
