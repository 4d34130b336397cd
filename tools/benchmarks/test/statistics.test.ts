import { expect, it } from "vitest";

import { median, pairwiseRatio } from "../src/measure/statistics.js";

it.each([
  [[5], 5],
  [[9, 1, 5], 5],
  [[4, 1, 3, 2], 2.5],
  [[10, 9, 100], 10],
])("takes the median of %j", (values, middle) => {
  expect(median(values)).toBe(middle);
});

it("has no median of nothing", () => {
  expect(() => median([])).toThrow(RangeError);
});

it("compares pair by pair, so that a slow while of the machine does not count", () => {
  // Twice as long in each pair, although the third pair was measured while everything took ten times as long.
  expect(pairwiseRatio([2, 4, 20], [1, 2, 10])).toBe(2);
  expect(() => pairwiseRatio([1, 2], [1])).toThrow(RangeError);
});
