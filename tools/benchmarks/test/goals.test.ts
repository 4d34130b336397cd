import { expect, it } from "vitest";

import { type Goal, findBrokenFloors, goals, judge } from "../src/report/goals.js";

const more: Goal = { figure: "x", floor: 6, goal: 8, better: "more", unit: "times", isEnforced: true };
const less: Goal = { figure: "x", floor: 3, goal: 2, better: "less", unit: "times", isEnforced: true };

it.each([
  [more, 8, "reached"],
  [more, 7.9, "within the floor"],
  [more, 6, "within the floor"],
  [more, 5.9, "missed"],
  [less, 2, "reached"],
  [less, 3, "within the floor"],
  [less, 3.1, "missed"],
  [more, undefined, "not measured"],
] as const)("judges the goal %j for the value %s as %s", (goal, value, verdict) => {
  expect(judge(goal, value)).toBe(verdict);
});

it("judges a goal with only a floor by the floor", () => {
  const { goal: _goal, ...only } = less;
  expect(judge(only, 3)).toBe("reached");
  expect(judge(only, 3.1)).toBe("missed");
});

it("judges NaN as missed", () => {
  expect(judge(more, Number.NaN)).toBe("missed");
  expect(judge(less, Number.NaN)).toBe("missed");
});

it("reports only goals that are enforced and missed", () => {
  const figures = { "signature 550 B × standardwebhooks": 5.9, "Express: verified ÷ recipe": 0.1 };
  expect(findBrokenFloors(figures).map(({ figure }) => figure)).toEqual([
    "signature 550 B × standardwebhooks",
  ]);
});

it("has one goal per figure, and no floor that is stricter than its goal", () => {
  expect(new Set(goals.map(({ figure }) => figure)).size).toBe(goals.length);
  for (const goal of goals) expect(judge(goal, goal.goal ?? goal.floor)).toBe("reached");
  for (const goal of goals) expect(judge(goal, goal.floor)).not.toBe("missed");
});
