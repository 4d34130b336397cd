import type { Profiler } from "node:inspector";

import { expect, it } from "vitest";

import { sumUp } from "../src/measure/profile.js";

/** Stack frames, each called by the previous one, with their sampled time. */
const stack: [functionName: string, url: string, micros: number][] = [
  ["(root)", "", 0],
  ["emit", "node:events", 1],
  ["handle", "file:///x/node_modules/.pnpm/express@5/node_modules/express/lib/router.js", 10],
  ["receive", "file:///x/packages/core/dist/index.js", 100],
  ["parse", "file:///x/packages/core/dist/index.js", 1000],
  ["decodeUTF8", "", 2000],
  ["hash", "node:internal/crypto/hash", 10_000],
  [
    "verify",
    "file:///x/node_modules/.pnpm/standardwebhooks@1/node_modules/standardwebhooks/dist/index.js",
    1e5,
  ],
  ["writeLatin1String", "", 1e6],
  ["(garbage collector)", "", 1e7],
  ["(idle)", "", 5e8],
  ["(program)", "", 1e8],
  ["post", "node:inspector", 7],
];

it("sums up a profile by activity", () => {
  const profile: Profiler.Profile = {
    nodes: stack.map(([functionName, url], index) => ({
      id: index + 1,
      callFrame: { functionName, url, scriptId: "0", lineNumber: 0, columnNumber: 0 },
      ...(index + 1 < stack.length && { children: [index + 2] }),
    })),
    startTime: 0,
    endTime: 1,
    samples: stack.map((_, index) => index + 1),
    timeDeltas: stack.map(([, , micros]) => micros),
  };
  expect(sumUp(profile)).toEqual({
    "Node.js": 1,
    framework: 10,
    ours: 100,
    // A native function counts for its caller.
    "JSON.parse": 3000,
    crypto: 10_000,
    standardwebhooks: 1e5,
    socket: 1e6,
    garbage: 1e7,
    rest: 1e8,
    profiler: 7,
  });
});
