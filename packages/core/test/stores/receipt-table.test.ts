import fc from "fast-check";
import { expect, it } from "vitest";

import { ReceiptTable } from "../../src/stores/receipt-table.js";

const MINUTE_MS = 60_000;
/** Four keys share each place in the table, so that most of them have to move on. */
const toDigest = (key: number) => ({ a: key >> 2, b: key >> 2, c: 0, d: (key & 3) + 1 });

type Step = { act: "add"; key: number; ms: number } | { act: "advance"; ms: number } | { act: "expire" };

const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      act: fc.constant("add" as const),
      key: fc.integer({ min: 0, max: 199 }),
      ms: fc.constantFrom(0, 1, MINUTE_MS, 5 * MINUTE_MS, 60 * MINUTE_MS),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      act: fc.constant("advance" as const),
      ms: fc.constantFrom(1, MINUTE_MS - 1, MINUTE_MS, 7 * MINUTE_MS, 600 * MINUTE_MS),
    }),
  },
  { weight: 1, arbitrary: fc.record({ act: fc.constant("expire" as const) }) },
);

it("agrees with a Map from keys to expiries for any sequence of steps and any size", () => {
  const property = fc.property(
    fc.constantFrom(1, 10_000, 50_000),
    fc.array(step, { maxLength: 300, size: "max" }),
    (maxReceipts, steps: Step[]) => {
      const table = new ReceiptTable(maxReceipts);
      const model = new Map<number, number>();
      let now = 1_784_041_401_000;
      for (const each of steps) {
        if (each.act === "advance") now += each.ms;
        else if (each.act === "expire") table.expire(now);
        else {
          table.add(toDigest(each.key), now + each.ms);
          model.set(each.key, Math.max(model.get(each.key) ?? 0, now + each.ms));
        }
      }
      const keys = Array.from({ length: 200 }, (_, key) => key);
      const live = keys.filter((key) => (model.get(key) ?? 0) > now);
      expect(keys.filter((key) => table.has(toDigest(key), now))).toEqual(live);
      table.expire(now);
      const countAfter = (time: number) => [...model.values()].filter((expiry) => expiry > time).length;
      expect(table.size).toBeGreaterThanOrEqual(countAfter(now));
      expect(table.size).toBeLessThanOrEqual(countAfter(now - MINUTE_MS));
    },
  );
  fc.assert(property, { numRuns: 300 });
});

it("frees the memory of expired receipts a little at a time", () => {
  const table = new ReceiptTable(100_000);
  const add = (count: number, from: number) => {
    for (let key = from; key < from + count; key += 1) {
      const digest = { a: Math.imul(key, 0x9e37_79b1), b: Math.imul(key, 0x85eb_ca6b), c: key, d: 1 };
      table.add(digest, now + 60 * MINUTE_MS);
      table.expire(now);
    }
  };
  let now = 0;
  add(100_000, 0);
  expect(table.bytes / 100_000).toBeLessThanOrEqual(48);
  now += 61 * MINUTE_MS;
  add(100, 100_000);
  expect(table.size).toBe(100);
  expect(table.bytes).toBeLessThan(20_000);
});
