import { expect, it, vi } from "vitest";

import { toQuietWarning } from "../src/index.js";

it.each<[string, () => unknown]>([
  [
    "throws",
    () => {
      throw new Error("the logger is down");
    },
  ],
  ["rejects", () => Promise.reject(new Error("the logger is down"))],
])("survives an onWarning that %s", async (_what, onWarning) => {
  const listener = vi.fn(onWarning);
  const error = new Error("no connection");
  toQuietWarning(listener)("The inbox could not be read.", error);
  // Node.js reports a rejection that nobody handles after a turn, and the test fails.
  await new Promise((resolve) => setImmediate(resolve));
  expect(listener.mock.calls).toEqual([["The inbox could not be read.", error]]);
});

it.each(["console", false, null, {}])("refuses %j", (onWarning) => {
  expect(() => toQuietWarning(onWarning)).toThrow(/^onWarning must be a function/);
});
