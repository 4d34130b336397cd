import { expect, it } from "vitest";

import { type Goal, brokenFloors, goals, judge } from "../src/report/goals.js";

const more: Goal = { figure: "x", floor: 6, goal: 8, better: "more", unit: "times", held: true };
const less: Goal = { figure: "x", floor: 3, goal: 2, better: "less", unit: "times", held: true };

it.each([
  [more, 8, "reached"],
  [more, 7.9, "within the floor"],
  [more, 6, "within the floor"],
  [more, 5.9, "missed"],
  [less, 2, "reached"],
  [less, 3, "within the floor"],
  [less, 3.1, "missed"],
  [more, undefined, "not measured"],
] as const)("judges %j with %s as %s", (goal, value, verdict) => {
  expect(judge(goal, value)).toBe(verdict);
});

it("judges a goal without a floor of its own by its only limit", () => {
  const { goal: _goal, ...only } = less;
  expect(judge(only, 3)).toBe("reached");
  expect(judge(only, 3.1)).toBe("missed");
});

it("does not take a value that is no number for a good one", () => {
  expect(judge(more, Number.NaN)).toBe("missed");
  expect(judge(less, Number.NaN)).toBe("missed");
});

it("breaks on what is held and missed, and on nothing else", () => {
  const figures = { "signature 550 B × standardwebhooks": 5.9, "Express: verified ÷ recipe": 0.1 };
  expect(brokenFloors(figures).map(({ figure }) => figure)).toEqual(["signature 550 B × standardwebhooks"]);
});

it("has one goal per figure, and floors that are no better than the goals", () => {
  expect(new Set(goals.map(({ figure }) => figure)).size).toBe(goals.length);
  for (const goal of goals) expect(judge(goal, goal.goal ?? goal.floor)).toBe("reached");
  for (const goal of goals) expect(judge(goal, goal.floor)).not.toBe("missed");
});
