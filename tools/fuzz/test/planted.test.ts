import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

import { generate } from "../src/noise/generate.js";
import type { Promised } from "../src/judge.js";
import { play } from "../src/play.js";
import { type PlantedBug, expectedViolations } from "../src/servers/planted-bugs.js";
import { Target } from "../src/target.js";

const program = fileURLToPath(new URL("../dist/server.js", import.meta.url));
const MOST_ROUNDS = 15;

/** Plays scripts until a server breaks a promise, and returns all that it broke. */
async function findBrokenPromises(name: PlantedBug, until: Promised): Promise<Set<Promised>> {
  const target = new Target(name, program);
  const broken = new Set<Promised>();
  try {
    for (let seed = 1; seed <= MOST_ROUNDS && !broken.has(until); seed += 1) {
      for (const { promise } of await play(target, generate(seed))) broken.add(promise);
    }
  } finally {
    await target.stop();
  }
  return broken;
}

describe("the fuzzer", () => {
  it.concurrent.each(Object.entries(expectedViolations) as [PlantedBug, Promised][])(
    'finds the planted bug "%s" as a broken promise: %s',
    { timeout: 120_000 },
    async (name, promise) => {
      expect([...(await findBrokenPromises(name, promise))]).toContain(promise);
    },
  );
});
