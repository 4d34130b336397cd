import { deepStrictEqual } from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import type { StoreUnderTest } from "./store-cases.js";

/** One requirement of every idempotency store that measures time by its own clock. */
export interface StoreClockCase {
  name: string;
  /** @throws {AssertionError} if the store does not meet it */
  run: (subject: Pick<StoreUnderTest, "store">) => Promise<void>;
}

/** The longest time to wait for the end of a lease of 1 ms, on a busy machine. */
const MAX_WAIT_MS = 10_000;

/**
 * The contract of an idempotency store on its own clock: for a store that is created without `now`. Takes real time.
 *
 * @example
 * it.each(storeClockCases)("$name", ({ run }) => run({ store: new MemoryStore() }));
 */
export const storeClockCases: readonly StoreClockCase[] = [
  {
    name: "ends a lease by its own clock, and not before",
    async run({ store }) {
      deepStrictEqual(await store.claim("held", "one", 60_000), { state: "claimed", attempt: 1 });
      deepStrictEqual((await store.claim("held", "two", 1)).state, "busy");
      await store.claim("lapsing", "one", 1);
      const giveUpAt = performance.now() + MAX_WAIT_MS;
      let claim = await store.claim("lapsing", "two", 60_000);
      while (claim.state === "busy" && performance.now() < giveUpAt) {
        await sleep(1);
        claim = await store.claim("lapsing", "two", 60_000);
      }
      deepStrictEqual(claim, { state: "claimed", attempt: 2 });
    },
  },
];
