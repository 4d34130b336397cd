import { expect, it } from "vitest";

import { median, pairwiseRatio } from "../src/measure/statistics.js";

it.each([
  [[5], 5],
  [[9, 1, 5], 5],
  [[4, 1, 3, 2], 2.5],
  [[10, 9, 100], 10],
])("returns the median of %j", (values, middle) => {
  expect(median(values)).toBe(middle);
});

it("refuses to compute the median of an empty list", () => {
  expect(() => median([])).toThrow(RangeError);
});

it("compares pair by pair, so that a temporary slowdown does not count", () => {
  // Twice as long in each pair, although the third was measured during a tenfold slowdown.
  expect(pairwiseRatio([2, 4, 20], [1, 2, 10])).toBe(2);
  expect(() => pairwiseRatio([1, 2], [1])).toThrow(RangeError);
});
