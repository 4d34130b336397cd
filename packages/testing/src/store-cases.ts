import { deepStrictEqual, ok } from "node:assert/strict";

import type { Claim, IdempotencyStore } from "@ahasend-webhooks/core";

/** A store under test, empty at the start of each case. */
export interface StoreUnderTest {
  store: IdempotencyStore;
  /** Lets `ms` milliseconds pass on the store's clock. */
  advance: (ms: number) => Promise<void> | void;
}

/** One thing that every idempotency store must do. */
export interface StoreCase {
  name: string;
  /** @throws {AssertionError} when the store does otherwise */
  run: (subject: StoreUnderTest) => Promise<void>;
}

const LEASE_MS = 1000;
const RETAIN_MS = 14 * 3600 * 1000;
const DONE: Claim = { state: "done" };
const claimed = (attempt: number): Claim => ({ state: "claimed", attempt });

async function expectBusy(store: IdempotencyStore, key: string, token: string): Promise<void> {
  const claim = await store.claim(key, token, LEASE_MS);
  deepStrictEqual(claim.state, "busy");
  if (claim.state !== "busy") return;
  ok(claim.retryAfterMs > 0 && claim.retryAfterMs <= LEASE_MS, `retryAfterMs is ${claim.retryAfterMs}`);
}

async function expectClaim(
  store: IdempotencyStore,
  key: string,
  token: string,
  expected: Claim,
): Promise<void> {
  deepStrictEqual(await store.claim(key, token, LEASE_MS), expected);
}

/**
 * The contract of an idempotency store.
 *
 * @example
 * it.each(storeCases)("$name", ({ run }) => run({ store: new MemoryStore({ now }), advance }));
 */
export const storeCases: readonly StoreCase[] = [
  {
    name: "gives a new delivery to the first claim and keeps the second one waiting",
    async run({ store }) {
      await expectClaim(store, "a", "one", claimed(1));
      await expectBusy(store, "a", "two");
    },
  },
  {
    name: "lets exactly one of many simultaneous claims win",
    async run({ store }) {
      const claims = await Promise.all(
        Array.from({ length: 50 }, async (_, index) => store.claim("a", `token ${index}`, LEASE_MS)),
      );
      deepStrictEqual(claims.filter(({ state }) => state === "claimed").length, 1);
      deepStrictEqual(claims.filter(({ state }) => state === "busy").length, 49);
    },
  },
  {
    name: "takes a repeated claim of the same owner for the same claim",
    async run({ store }) {
      await expectClaim(store, "a", "one", claimed(1));
      await expectClaim(store, "a", "one", claimed(1));
      await expectBusy(store, "a", "two");
    },
  },
  {
    name: "gives a delivery to another when the lease has ended",
    async run({ store, advance }) {
      await expectClaim(store, "a", "one", claimed(1));
      await advance(LEASE_MS + 1);
      await expectClaim(store, "a", "two", claimed(2));
      await expectBusy(store, "a", "one");
    },
  },
  {
    name: "prolongs a lease for its owner only",
    async run({ store, advance }) {
      await expectClaim(store, "a", "one", claimed(1));
      await advance(LEASE_MS * 0.75);
      await store.renew("a", "one", LEASE_MS);
      await store.renew("a", "two", LEASE_MS * 10);
      await advance(LEASE_MS * 0.75);
      await expectBusy(store, "a", "two");
      await advance(LEASE_MS);
      await expectClaim(store, "a", "two", claimed(2));
    },
  },
  {
    name: "takes a delivery back from its owner only, and continues counting",
    async run({ store }) {
      await expectClaim(store, "a", "one", claimed(1));
      await store.release("a", "two");
      await expectBusy(store, "a", "two");
      await store.release("a", "one");
      await expectClaim(store, "a", "two", claimed(2));
      await store.release("a", "one");
      await expectBusy(store, "a", "three");
    },
  },
  {
    name: "remembers what is done, for every owner and past every lease",
    async run({ store, advance }) {
      await expectClaim(store, "a", "one", claimed(1));
      await store.commit("a", "one", RETAIN_MS);
      await expectClaim(store, "a", "one", DONE);
      await advance(LEASE_MS * 2);
      await expectClaim(store, "a", "two", DONE);
      await store.release("a", "one");
      await expectClaim(store, "a", "two", DONE);
    },
  },
  {
    name: "takes the success of an owner who was overtaken",
    async run({ store, advance }) {
      await expectClaim(store, "a", "one", claimed(1));
      await advance(LEASE_MS + 1);
      await expectClaim(store, "a", "two", claimed(2));
      await store.commit("a", "one", RETAIN_MS);
      await expectClaim(store, "a", "three", DONE);
      await store.release("a", "two");
      await expectClaim(store, "a", "three", DONE);
    },
  },
  {
    name: "takes a commit of what it has never seen",
    async run({ store }) {
      await store.commit("a", "one", RETAIN_MS);
      await expectClaim(store, "a", "two", DONE);
    },
  },
  {
    name: "leaves alone what it has never seen when asked to renew or release it",
    async run({ store }) {
      await store.renew("a", "one", LEASE_MS);
      await store.release("a", "one");
      await expectClaim(store, "a", "one", claimed(1));
    },
  },
  {
    name: "still works after it was closed, more than once",
    async run({ store }) {
      await expectClaim(store, "a", "one", claimed(1));
      await store.close?.();
      await store.close?.();
      await store.renew("a", "one", LEASE_MS);
      await store.commit("a", "one", RETAIN_MS);
      await expectClaim(store, "a", "two", DONE);
      await expectClaim(store, "b", "one", claimed(1));
      await store.release("b", "one");
      await expectClaim(store, "b", "two", claimed(2));
    },
  },
  {
    name: "keeps deliveries apart, whatever their names",
    async run({ store }) {
      const keys = ["a", "A", "a:b", "a:", "*", "%", "__proto__", "x".repeat(300), "\\", "'", '"'];
      for (const key of keys) await expectClaim(store, key, "one", claimed(1));
      for (const key of keys) await store.commit(key, "one", RETAIN_MS);
      for (const key of keys) await expectClaim(store, key, "two", DONE);
      await expectClaim(store, "b", "two", claimed(1));
    },
  },
];
