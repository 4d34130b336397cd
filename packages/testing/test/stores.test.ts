import { type Claim, type IdempotencyStore, MemoryStore } from "@ahasend-webhooks/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { storeCases, storeClockCases } from "../src/index.js";
import { storeModel } from "../src/store-model.js";

function steppedClock(start = 1_784_041_401_000) {
  let time = start;
  return { now: () => time, advance: (ms: number) => void (time += ms) };
}

describe("MemoryStore", () => {
  it.each(storeCases)("$name", async ({ run }) => {
    const { now, advance } = steppedClock();
    await run({ store: new MemoryStore({ now }), advance });
  });

  it.each(storeClockCases)("$name", ({ run }) => run({ store: new MemoryStore() }));

  it("forgets a finished delivery when its retention ends", () => {
    const { now, advance } = steppedClock();
    const store = new MemoryStore({ now });
    store.claim("a", "one", 1000);
    store.commit("a", "one", 60_000);
    advance(59_999);
    expect(store.claim("a", "two", 1000)).toEqual({ state: "done" });
    advance(1);
    expect(store.claim("a", "two", 1000)).toEqual({ state: "claimed", attempt: 1 });
  });

  it("keeps live claims, recent receipts and claim counts when it is full", () => {
    const { now, advance } = steppedClock();
    const store = new MemoryStore({ now, maxEntries: 3, retentionSeconds: 86_400 });
    store.claim("live", "one", 1000);
    store.claim("done", "one", 1000);
    store.commit("done", "one", 86_400_000);
    store.claim("released", "one", 1000);
    store.release("released", "one");
    for (let burst = 0; burst < 100; burst += 1) {
      expect(() => store.claim(`new ${burst}`, "one", 1000)).toThrow(/full/);
    }
    expect(store.claim("live", "two", 1000).state).toBe("busy");
    expect(store.claim("done", "two", 1000).state).toBe("done");
    expect(store.claim("released", "two", 1000)).toEqual({ state: "claimed", attempt: 2 });
    advance(86_400_000 + 60_000);
    expect(store.claim("new", "one", 1000).state).toBe("claimed");
  });

  it("keeps a claim beyond its retention while it is renewed, then forgets it", () => {
    const { now, advance } = steppedClock();
    const store = new MemoryStore({ now, retentionSeconds: 60 });
    store.claim("long", "one", 45_000);
    for (let step = 0; step < 10; step += 1) {
      advance(30_000);
      store.renew("long", "one", 45_000);
      expect(store.claim("long", "two", 1000).state).toBe("busy");
    }
    for (let step = 0; step < 10; step += 1) {
      advance(60_000);
      store.claim(`new ${step}`, "one", 1);
    }
    expect(store.claim("long", "two", 1000)).toEqual({ state: "claimed", attempt: 1 });
  });

  it("holds little more than the deliveries that it must remember", () => {
    const { now, advance } = steppedClock();
    const store = new MemoryStore({ now, retentionSeconds: 3600 });
    let largest = 0;
    for (let delivery = 0; delivery < 50_000; delivery += 1) {
      store.claim(`msg_${delivery}`, "one", 1000);
      if (delivery % 10 === 0) store.release(`msg_${delivery}`, "one");
      else if (delivery % 10 !== 1) store.commit(`msg_${delivery}`, "one", 3_600_000);
      advance(1000);
      largest = Math.max(largest, store.size);
    }
    expect(largest).toBeGreaterThanOrEqual(3600);
    expect(largest).toBeLessThan(3600 + 200);
  });

  it("agrees with the model for any sequence of steps", async () => {
    const property = storeModel(() => {
      const { now, advance } = steppedClock();
      return { store: new MemoryStore({ now, retentionSeconds: 14 * 3600 }), advance };
    });
    await fc.assert(property, { numRuns: 2000 });
  });
});

/** Stores with a planted bug, which the model must find. */
describe.each<[bug: string, (store: MemoryStore) => Partial<IdempotencyStore>]>([
  [
    "evicts a live claim",
    (store) => ({ claim: (key, token, ms) => store.claim(key, token, Math.min(ms, 999)) }),
  ],
  ["forgets finished deliveries", () => ({ commit: () => undefined })],
  ["lets any owner renew a lease", (store) => ({ renew: (key, _token, ms) => store.renew(key, "one", ms) })],
  ["lets any owner release a delivery", (store) => ({ release: (key) => store.release(key, "one") })],
  [
    "does not count claims",
    (store) => ({ claim: (key, token, ms) => withoutCount(store.claim(key, token, ms)) }),
  ],
])("a store that %s", (_bug, mutate) => {
  it("does not agree with the model", async () => {
    const property = storeModel(() => {
      const { now, advance } = steppedClock();
      const good = new MemoryStore({ now, retentionSeconds: 14 * 3600 });
      const store: IdempotencyStore = {
        retentionSeconds: good.retentionSeconds,
        claim: (...args) => good.claim(...args),
        renew: (...args) => good.renew(...args),
        commit: (...args) => good.commit(...args),
        release: (...args) => good.release(...args),
        ...mutate(good),
      };
      return { store, advance };
    });
    expect((await fc.check(property, { numRuns: 2000, endOnFailure: true })).failed).toBe(true);
  });
});

function withoutCount(claim: Claim): Claim {
  return claim.state === "claimed" ? { ...claim, attempt: 1 } : claim;
}
