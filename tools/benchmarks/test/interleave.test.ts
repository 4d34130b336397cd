import { expect, it } from "vitest";

import { inTurn, interleave, computeRatio } from "../src/measure/interleave.js";

const plan = { cycles: 4, slotMs: 0.01 };

it("measures candidates in turn and returns one value per cycle", async () => {
  const slots: string[] = [];
  const candidate = (name: string) => ({ name, run: () => undefined, prepare: () => slots.push(name) });
  const measured = await interleave([candidate("a"), candidate("b")], plan);
  expect(slots.slice(-8)).toEqual(["a", "b", "a", "b", "a", "b", "a", "b"]);
  expect(measured.map(({ name, micros }) => [name, micros.length])).toEqual([
    ["a", 4],
    ["b", 4],
  ]);
});

it("awaits a call that returns a promise before the next call", async () => {
  let running = 0;
  let most = 0;
  const run = async () => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
  };
  await interleave([{ name: "slow", run }], plan);
  expect(most).toBe(1);
});

it("prepares each slot with the exact number of its calls", async () => {
  let prepared = 0;
  let spare = 0;
  const prepare = (calls: number) => {
    spare = Math.max(spare, prepared);
    prepared = calls;
  };
  await interleave([{ name: "fed", run: () => (prepared -= 1), prepare }], plan);
  expect([prepared, spare]).toEqual([0, 0]);
});

it("divides the time of a run by callsPerRun", async () => {
  const run = () => undefined;
  const [once, often] = await interleave(
    [
      { name: "once", run },
      { name: "often", run, callsPerRun: 1e6 },
    ],
    plan,
  );
  expect(Math.max(...often!.micros)).toBeLessThan(Math.max(...once!.micros));
});

it("computes how many times as long another candidate took", () => {
  const series = [
    { name: "ours", micros: [1, 2] },
    { name: "theirs", micros: [4, 8] },
  ];
  expect(computeRatio(series, "ours", "theirs")).toBe(4);
});

it("calls several functions in turn", () => {
  const next = inTurn([() => "a", () => "b", () => "c"]);
  expect([next(), next(), next(), next()]).toEqual(["a", "b", "c", "a"]);
});
