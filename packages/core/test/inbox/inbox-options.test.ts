import { describe, expect, it } from "vitest";

import { ConcurrencyGauge, type InboxOptions, resolveInboxOptions } from "../../src/inbox/index.js";

describe("the options of an inbox", () => {
  it("have defaults", () => {
    const { backoffMs, ...settings } = resolveInboxOptions({}, () => 0.5);
    expect(settings).toEqual({
      concurrency: { "*": 8 },
      maxAttempts: 20,
      handlerTimeoutMs: 900_000,
      orderingKey: undefined,
      retentionSeconds: 604_800,
    });
    const pauses = Array.from({ length: 19 }, (_, index) => backoffMs(index + 1) / 1000);
    expect(pauses.slice(0, 4)).toEqual([1, 2, 4, 8]);
    expect(pauses.at(-1)).toBe(3600);
    const hours = pauses.reduce((sum, pause) => sum + pause, 0) / 3600;
    expect(hours).toBeGreaterThan(8);
    expect(hours).toBeLessThan(9);
  });

  it.each([
    [0, 750],
    [1, 1250],
  ])("vary a pause by a quarter (random %f)", (random, ms) => {
    expect(resolveInboxOptions({}, () => random).backoffMs(1)).toBe(ms);
  });

  it.each<[string, () => unknown, number]>([
    [
      "throws",
      () => {
        throw new Error("x");
      },
      3_600_000,
    ],
    ["returns NaN", () => Number.NaN, 3_600_000],
    ["returns a negative number", () => -1, 3_600_000],
    ["returns a string", () => "1", 3_600_000],
    ["returns Infinity", () => Infinity, 2_147_483_000],
    ["returns a promise that rejects", () => Promise.reject(new Error("x")), 3_600_000],
    ["returns 0", () => 0, 0],
    ["returns a fraction", () => 0.0123, 12],
  ])("lose no delivery if backoffSeconds %s", (_what, backoffSeconds, ms) => {
    expect(resolveInboxOptions({ backoffSeconds: backoffSeconds as () => number }).backoffMs(1)).toBe(ms);
  });

  it.each<[string, object, RegExp]>([
    ["concurrency 0", { concurrency: 0 }, /concurrency/],
    ["concurrency 1.5", { concurrency: 1.5 }, /concurrency/],
    [
      "a concurrency by a misspelt type",
      { concurrency: { "message.bounce": 1 } },
      /not an event type: use "\*"/,
    ],
    ["a concurrency that is a string", { concurrency: "8" }, /whole number above 0, or one by event type/],
    ["a concurrency that is a Map", { concurrency: new Map() }, /whole number above 0, or one by event type/],
    ["a concurrency that is a boolean", { concurrency: true }, /whole number above 0, or one by event type/],
    ["a concurrency of 0 by type", { concurrency: { "message.bounced": 0 } }, /concurrency/],
    ["maxAttempts 0", { maxAttempts: 0 }, /maxAttempts/],
    ["maxAttempts Infinity", { maxAttempts: Infinity }, /maxAttempts/],
    ["handlerTimeoutSeconds 0", { handlerTimeoutSeconds: 0 }, /handlerTimeoutSeconds/],
    ["handlerTimeoutSeconds of a month", { handlerTimeoutSeconds: 2_592_000 }, /handlerTimeoutSeconds/],
    ["retentionSeconds of an hour", { retentionSeconds: 3600 }, /13 hours/],
    ["endless retentionSeconds", { retentionSeconds: Infinity }, /13 hours/],
    ["backoffSeconds that is a number", { backoffSeconds: 5 }, /backoffSeconds/],
    ["orderingKey that is a string", { orderingKey: "recipient" }, /orderingKey/],
  ])("refuse %s", (_what, options, message) => {
    expect(() => resolveInboxOptions(options as InboxOptions)).toThrow(TypeError);
    expect(() => resolveInboxOptions(options as InboxOptions)).toThrow(message);
  });
});

describe("the limits of concurrency", () => {
  it("are one number for all types", () => {
    const gauge = new ConcurrencyGauge(resolveInboxOptions({ concurrency: 2 }).concurrency);
    expect([gauge.free, gauge.filter]).toEqual([2, { names: [], isExclusive: true }]);
    gauge.start("message.bounced");
    gauge.start("message.opened");
    expect(gauge.free).toBe(0);
    gauge.end("message.opened");
    expect(gauge.free).toBe(1);
  });

  it("are a number by type, and one for all others together", () => {
    const { concurrency } = resolveInboxOptions({ concurrency: { "message.routing": 1, "*": 1 } });
    const gauge = new ConcurrencyGauge(concurrency);
    expect([gauge.free, gauge.filter]).toEqual([1, { names: [], isExclusive: true }]);
    gauge.start("message.routing");
    expect([gauge.free, gauge.filter]).toEqual([1, { names: ["message.routing"], isExclusive: true }]);
    gauge.start("message.opened");
    expect(gauge.free).toBe(0);
    gauge.end("message.routing");
    expect([gauge.free, gauge.filter]).toEqual([1, { names: ["message.routing"], isExclusive: false }]);
  });
});
