import { deepStrictEqual, ok } from "node:assert/strict";

import type { Claim, IdempotencyStore } from "@ahasend-webhooks/core";
import { contract } from "@ahasend-webhooks/core/contract";

/** A store under test, empty at the start of each case. */
export interface StoreUnderTest {
  store: IdempotencyStore;
  /** Advances the store's clock by `ms` milliseconds. */
  advance: (ms: number) => Promise<void> | void;
}

/** One requirement of every idempotency store. */
export interface StoreCase {
  name: string;
  /** @throws {AssertionError} if the store does not meet it */
  run: (subject: StoreUnderTest) => Promise<void>;
}

const LEASE_MS = 1000;
const RETAIN_MS = contract.minRetentionSeconds * 1000;

async function expectBusy(store: IdempotencyStore, key: string, token: string): Promise<void> {
  const claim = await store.claim(key, token, LEASE_MS);
  deepStrictEqual(claim.state, "busy");
  if (claim.state !== "busy") return;
  ok(claim.retryAfterMs > 0 && claim.retryAfterMs <= LEASE_MS, `retryAfterMs is ${claim.retryAfterMs}`);
}

async function expectClaimed(
  store: IdempotencyStore,
  key: string,
  token: string,
  attempt: number,
): Promise<void> {
  deepStrictEqual(await store.claim(key, token, LEASE_MS), { state: "claimed", attempt } satisfies Claim);
}

async function expectDone(store: IdempotencyStore, key: string, token: string): Promise<void> {
  deepStrictEqual(await store.claim(key, token, LEASE_MS), { state: "done" } satisfies Claim);
}

/**
 * The contract of an idempotency store, on a clock that the test advances.
 *
 * @example
 * it.each(storeCases)("$name", ({ run }) => run({ store: new MemoryStore({ now }), advance }));
 */
export const storeCases: readonly StoreCase[] = [
  {
    name: "grants the first claim of a new delivery and reports it as busy to the second",
    async run({ store }) {
      await expectClaimed(store, "a", "one", 1);
      await expectBusy(store, "a", "two");
    },
  },
  {
    name: "grants exactly one of many simultaneous claims",
    async run({ store }) {
      const claims = await Promise.all(
        Array.from({ length: 50 }, async (_, index) => store.claim("a", `token ${index}`, LEASE_MS)),
      );
      deepStrictEqual(claims.filter(({ state }) => state === "claimed").length, 1);
      deepStrictEqual(claims.filter(({ state }) => state === "busy").length, 49);
    },
  },
  {
    name: "treats a repeated claim by the same owner as the same claim",
    async run({ store }) {
      await expectClaimed(store, "a", "one", 1);
      await expectClaimed(store, "a", "one", 1);
      await expectBusy(store, "a", "two");
    },
  },
  {
    name: "grants a delivery to another owner when the lease has ended",
    async run({ store, advance }) {
      await expectClaimed(store, "a", "one", 1);
      await advance(LEASE_MS + 1);
      await expectClaimed(store, "a", "two", 2);
      await expectBusy(store, "a", "one");
    },
  },
  {
    name: "renews a lease for its owner only",
    async run({ store, advance }) {
      await expectClaimed(store, "a", "one", 1);
      await advance(LEASE_MS * 0.75);
      await store.renew("a", "one", LEASE_MS);
      await store.renew("a", "two", LEASE_MS * 10);
      await advance(LEASE_MS * 0.75);
      await expectBusy(store, "a", "two");
      await advance(LEASE_MS);
      await expectClaimed(store, "a", "two", 2);
    },
  },
  {
    name: "releases a delivery for its owner only, and keeps counting claims",
    async run({ store }) {
      await expectClaimed(store, "a", "one", 1);
      await store.release("a", "two");
      await expectBusy(store, "a", "two");
      await store.release("a", "one");
      await expectClaimed(store, "a", "two", 2);
      await store.release("a", "one");
      await expectBusy(store, "a", "three");
    },
  },
  {
    name: "remembers a finished delivery for every owner and beyond its lease",
    async run({ store, advance }) {
      await expectClaimed(store, "a", "one", 1);
      await store.commit("a", "one", RETAIN_MS);
      await expectDone(store, "a", "one");
      await advance(LEASE_MS * 2);
      await expectDone(store, "a", "two");
      await store.release("a", "one");
      await expectDone(store, "a", "two");
    },
  },
  {
    name: "accepts the commit of an owner whose lease was taken over",
    async run({ store, advance }) {
      await expectClaimed(store, "a", "one", 1);
      await advance(LEASE_MS + 1);
      await expectClaimed(store, "a", "two", 2);
      await store.commit("a", "one", RETAIN_MS);
      await expectDone(store, "a", "three");
      await store.release("a", "two");
      await expectDone(store, "a", "three");
    },
  },
  {
    name: "accepts the commit of a delivery that was never claimed",
    async run({ store }) {
      await store.commit("a", "one", RETAIN_MS);
      await expectDone(store, "a", "two");
    },
  },
  {
    name: "ignores renewing or releasing a delivery that was never claimed",
    async run({ store }) {
      await store.renew("a", "one", LEASE_MS);
      await store.release("a", "one");
      await expectClaimed(store, "a", "one", 1);
    },
  },
  {
    name: "keeps working after it is closed, even twice",
    async run({ store }) {
      await expectClaimed(store, "a", "one", 1);
      await store.close?.();
      await store.close?.();
      await store.renew("a", "one", LEASE_MS);
      await store.commit("a", "one", RETAIN_MS);
      await expectDone(store, "a", "two");
      await expectClaimed(store, "b", "one", 1);
      await store.release("b", "one");
      await expectClaimed(store, "b", "two", 2);
    },
  },
  {
    name: "keeps deliveries apart by their exact keys",
    async run({ store }) {
      const keys = ["a", "A", "a:b", "a:", "*", "%", "__proto__", "x".repeat(300), "\\", "'", '"'];
      for (const key of keys) await expectClaimed(store, key, "one", 1);
      for (const key of keys) await store.commit(key, "one", RETAIN_MS);
      for (const key of keys) await expectDone(store, key, "two");
      await expectClaimed(store, "b", "two", 1);
    },
  },
  {
    name: "keeps deliveries apart that are claimed and committed at the same time",
    async run({ store }) {
      const keys = [
        "a",
        "A",
        "NULL",
        "",
        "{a,b}",
        ...String.raw`\ ' " , $1`.split(" "),
        "é",
        "x".repeat(300),
      ];
      await store.commit("done", "one", RETAIN_MS);
      await expectClaimed(store, "busy", "one", 1);
      await Promise.all([
        ...keys.map((key) => expectClaimed(store, key, "two", 1)),
        expectDone(store, "done", "two"),
        expectBusy(store, "busy", "two"),
      ]);
      await expectBusy(store, "a", "three");
      await Promise.all([...keys, "busy"].map(async (key) => store.commit(key, "two", RETAIN_MS)));
      await Promise.all([...keys, "busy"].map((key) => expectDone(store, key, "three")));
    },
  },
];
