import { describe, expect, it } from "vitest";

import { steppedClock } from "../src/index.js";

describe("a stepped clock", () => {
  it("makes the calls that become due in order of time, each at its own time", () => {
    const clock = steppedClock(1000);
    const called: [string, number][] = [];
    const call = (name: string) => () => void called.push([name, clock.now()]);
    clock.callAt(1030, call("third"));
    clock.callAt(1010, call("first"));
    clock.callAt(1020, () => clock.callAt(1025, call("second")));
    const cancel = clock.callAt(1015, call("never"));
    cancel();
    clock.callAt(1031, call("later"));
    clock.advance(30);
    expect(called).toEqual([
      ["first", 1010],
      ["second", 1025],
      ["third", 1030],
    ]);
    expect(clock.now()).toBe(1030);
  });

  it("advances to the next call, and returns false if there is none", () => {
    const clock = steppedClock(0);
    clock.callAt(500, () => undefined);
    expect([clock.advanceToNext(), clock.now()]).toEqual([true, 500]);
    expect([clock.advanceToNext(), clock.now()]).toEqual([false, 500]);
  });

  it("refuses to advance by a negative time", () => {
    expect(() => steppedClock().advance(-1)).toThrow(/ms must be a number of 0 or more/);
  });
});
