import { MemoryStore } from "@ahasend-webhooks/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { storeCases } from "../src/index.js";

function steppedClock(start = 1_784_041_401_000) {
  let time = start;
  return { now: () => time, advance: (ms: number) => void (time += ms) };
}

describe("MemoryStore", () => {
  it.each(storeCases)("$name", async ({ run }) => {
    const { now, advance } = steppedClock();
    await run({ store: new MemoryStore({ now }), advance });
  });

  it("forgets what is done when its retention ends", () => {
    const { now, advance } = steppedClock();
    const store = new MemoryStore({ now });
    store.claim("a", "one", 1000);
    store.commit("a", "one", 60_000);
    advance(59_999);
    expect(store.claim("a", "two", 1000)).toEqual({ state: "done" });
    advance(1);
    expect(store.claim("a", "two", 1000)).toEqual({ state: "claimed", attempt: 1 });
  });

  it("never forgets a live claim, a young receipt or the count of claims at its cap", () => {
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

  it("keeps a claim alive past its retention as long as it is renewed, then forgets it", () => {
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

  it("stays as small as what it has to remember", () => {
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

  it("agrees with a model over any sequence of steps", () => {
    const key = fc.constantFrom("a", "b");
    const token = fc.constantFrom("one", "two", "three");
    const lease = fc.constantFrom(500, 1000, 5000);
    const step = fc.oneof(
      fc.record({ do: fc.constant("claim" as const), key, token, ms: lease }),
      fc.record({ do: fc.constant("renew" as const), key, token, ms: lease }),
      fc.record({ do: fc.constant("commit" as const), key, token, ms: fc.constant(60_000) }),
      fc.record({ do: fc.constant("release" as const), key, token, ms: fc.constant(0) }),
      fc.record({
        do: fc.constant("advance" as const),
        key,
        token,
        ms: fc.constantFrom(1, 499, 1000, 59_999, 100_000),
      }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { now, advance } = steppedClock();
        const store = new MemoryStore({ now, retentionSeconds: 60 });
        const model = new Model(now, 60_000);
        for (const { do: action, key, token, ms } of steps) {
          if (action === "advance") advance(ms);
          else expect(store[action](key, token, ms)).toEqual(model[action](key, token, ms));
        }
      }),
      { numRuns: 2000 },
    );
  });
});

interface ModelEntry {
  attempt: number;
  owner?: string;
  leasedUntil: number;
  doneUntil?: number;
  keptUntil: number;
}

/** What a store must do, said as plainly as possible. */
class Model {
  readonly #entries = new Map<string, ModelEntry>();

  constructor(
    readonly now: () => number,
    readonly keepMs: number,
  ) {}

  #get(key: string): ModelEntry {
    const entry = this.#entries.get(key);
    const live = entry?.owner !== undefined && entry.leasedUntil > this.now();
    if (entry && (entry.keptUntil > this.now() || live)) return entry;
    this.#entries.delete(key);
    return { attempt: 0, leasedUntil: 0, keptUntil: this.now() + this.keepMs };
  }

  claim(key: string, token: string, leaseMs: number) {
    const entry = this.#get(key);
    if (entry.doneUntil !== undefined) return { state: "done" };
    const leftMs = entry.leasedUntil - this.now();
    if (entry.owner !== undefined && entry.owner !== token && leftMs > 0)
      return { state: "busy", retryAfterMs: leftMs };
    if (entry.owner !== token) entry.attempt += 1;
    this.#entries.set(key, Object.assign(entry, { owner: token, leasedUntil: this.now() + leaseMs }));
    return { state: "claimed", attempt: entry.attempt };
  }

  renew(key: string, token: string, leaseMs: number): void {
    const entry = this.#get(key);
    if (entry.owner === token) entry.leasedUntil = this.now() + leaseMs;
  }

  commit(key: string, _token: string, retainMs: number): void {
    const { attempt } = this.#get(key);
    const until = this.now() + retainMs;
    this.#entries.set(key, { attempt, leasedUntil: 0, doneUntil: until, keptUntil: until });
  }

  release(key: string, token: string): void {
    const entry = this.#get(key);
    if (entry.owner === token) delete entry.owner;
  }
}
