import { deepStrictEqual, ok } from "node:assert/strict";

import type { Claim } from "@ahasend-webhooks/core";
import fc from "fast-check";

import type { StoreUnderTest } from "./store-cases.js";

/** Options of {@link storeModel}. */
export interface StoreModelOptions {
  /**
   * The store forgets deliveries by the clock of {@link StoreUnderTest.advance}: pass `false` if, like Redis, it
   * expires them by its own clock.
   * @default true
   */
  forgets?: boolean;
}

const RETENTION_MS = 14 * 3600 * 1000;

/**
 * Returns a `fast-check` property: any sequence of claims, renewals, commits, releases and clock steps must give the same
 * results as a plain model. For a store whose `retentionSeconds` is 14 hours. Needs `fast-check`.
 *
 * @param open returns a new, empty store on a clock that moves only when it is advanced
 *
 * @example
 * await fc.assert(storeModel(() => ({ store: new MemoryStore({ now, retentionSeconds: 14 * 3600 }), advance })));
 */
export function storeModel(
  open: () => StoreUnderTest | Promise<StoreUnderTest>,
  { forgets = true }: StoreModelOptions = {},
): fc.IAsyncProperty<[StoreStep[]]> {
  return fc.asyncProperty(fc.array(createStepArbitrary(forgets), { maxLength: 40 }), async (steps) => {
    const { store, advance } = await open();
    const model = new Model();
    for (const { act, key, token, ms } of steps) {
      if (act === "advance") {
        model.now += ms;
        await advance(ms);
      } else if (act === "claim")
        assertAgreement(await store.claim(key, token, ms), model.claim(key, token, ms));
      else if (act === "renew") {
        model.renew(key, token, ms);
        await store.renew(key, token, ms);
      } else if (act === "commit") {
        model.commit(key);
        await store.commit(key, token, RETENTION_MS);
      } else {
        model.release(key, token);
        await store.release(key, token);
      }
    }
  });
}

/** One call of a store, or one step of its clock. */
export interface StoreStep {
  act: "claim" | "renew" | "commit" | "release" | "advance";
  key: string;
  token: string;
  /** The length of the lease or of the clock step, in milliseconds. */
  ms: number;
}

function createStepArbitrary(forgets: boolean): fc.Arbitrary<StoreStep> {
  const leases = [500, 1000, 5000];
  const advances = [1, 499, 1000, 6000, ...(forgets ? [RETENTION_MS - 1, RETENTION_MS] : [])];
  const createStep = (act: StoreStep["act"], ...times: number[]) =>
    fc.record({
      act: fc.constant(act),
      key: fc.constantFrom("a", "b"),
      token: fc.constantFrom("one", "two", "three"),
      ms: fc.constantFrom(...times),
    });
  return fc.oneof(
    { weight: 3, arbitrary: createStep("claim", ...leases) },
    { weight: 1, arbitrary: createStep("renew", ...leases) },
    { weight: 1, arbitrary: createStep("commit", 0) },
    { weight: 1, arbitrary: createStep("release", 0) },
    { weight: 2, arbitrary: createStep("advance", ...advances) },
  );
}

/** Allows a difference of 1 ms: a server may round its clock differently. */
function assertAgreement(actual: Claim, expected: Claim): void {
  if (actual.state === "busy" && expected.state === "busy") {
    const differenceMs = Math.abs(actual.retryAfterMs - expected.retryAfterMs);
    ok(differenceMs <= 1, `retryAfterMs is ${actual.retryAfterMs} instead of ${expected.retryAfterMs}`);
  } else deepStrictEqual(actual, expected);
}

interface Entry {
  attempt: number;
  owner?: string;
  leasedUntil: number;
  done?: true;
  keptUntil: number;
}

/** The contract of a store in its simplest form. */
class Model {
  now = 0;
  readonly #entries = new Map<string, Entry>();

  claim(key: string, token: string, leaseMs: number): Claim {
    const entry = this.#get(key);
    if (entry.done) return { state: "done" };
    const leftMs = entry.leasedUntil - this.now;
    if (entry.owner !== undefined && entry.owner !== token && leftMs > 0)
      return { state: "busy", retryAfterMs: leftMs };
    if (entry.owner !== token) entry.attempt += 1;
    this.#entries.set(key, Object.assign(entry, { owner: token, leasedUntil: this.now + leaseMs }));
    return { state: "claimed", attempt: entry.attempt };
  }

  renew(key: string, token: string, leaseMs: number): void {
    const entry = this.#get(key);
    if (entry.owner === token) entry.leasedUntil = this.now + leaseMs;
  }

  commit(key: string): void {
    const { attempt } = this.#get(key);
    this.#entries.set(key, { attempt, leasedUntil: 0, done: true, keptUntil: this.now + RETENTION_MS });
  }

  release(key: string, token: string): void {
    const entry = this.#get(key);
    if (entry.owner === token) delete entry.owner;
  }

  #get(key: string): Entry {
    const entry = this.#entries.get(key);
    const live = entry?.owner !== undefined && entry.leasedUntil > this.now;
    if (entry && (entry.keptUntil > this.now || live)) return entry;
    this.#entries.delete(key);
    return { attempt: 0, leasedUntil: 0, keptUntil: this.now + RETENTION_MS };
  }
}
