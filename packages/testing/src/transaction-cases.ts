import { deepStrictEqual, rejects } from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";

import type { TransactionalStore } from "@ahasend-webhooks/core";

/** A transactional store under test, empty at the start of each case, with a `retentionSeconds` of 14 hours. */
export interface TransactionalStoreUnderTest {
  store: TransactionalStore;
  /** Lets `ms` milliseconds pass on the store's clock. */
  advance: (ms: number) => Promise<void> | void;
}

/** One thing that every transactional store must do. */
export interface TransactionCase {
  name: string;
  /** @throws {AssertionError} when the store does otherwise */
  run: (subject: TransactionalStoreUnderTest) => Promise<void>;
}

const RETENTION_MS = 14 * 3600 * 1000;
const COPIES = 10;

/** Does the work unless it is done or being done. @returns what became of it, and whether the work ran */
async function runOnce(store: TransactionalStore, key: string): Promise<{ state: string; ran: boolean }> {
  let ran = false;
  const { state } = await store.run(key, () => {
    ran = true;
    return Promise.resolve();
  });
  return { state, ran };
}

/** Begins the work and keeps its transaction open. */
async function holdOpen(store: TransactionalStore, key: string) {
  let finish: (error?: Error) => void = () => undefined;
  let ended: Promise<unknown> = Promise.resolve();
  await new Promise<void>((started, failed) => {
    ended = store.run(key, () => {
      started();
      return new Promise<void>((resolve, reject) => {
        finish = (error) => (error === undefined ? resolve() : reject(error));
      });
    });
    ended.catch(failed);
  });
  return { finish, ended };
}

/**
 * The contract of a transactional store. That the work's own writes are kept or undone with the receipt depends on what
 * the store lends, and is left to the tests of the store.
 *
 * @example
 * it.each(transactionCases)("$name", ({ run }) => run({ store, advance }));
 */
export const transactionCases: readonly TransactionCase[] = [
  {
    name: "does the work once",
    async run({ store }) {
      deepStrictEqual(await runOnce(store, "a"), { state: "committed", ran: true });
      deepStrictEqual(await runOnce(store, "a"), { state: "done", ran: false });
    },
  },
  {
    name: "throws what the work throws, and then it is still to be done",
    async run({ store }) {
      const error = new Error("no");
      await rejects(
        store.run("a", () => Promise.reject(error)),
        error,
      );
      deepStrictEqual(await runOnce(store, "a"), { state: "committed", ran: true });
    },
  },
  {
    name: "does the work in the async context of its caller, also when many wait for a connection",
    async run({ store }) {
      const context = new AsyncLocalStorage<string>();
      const keys = Array.from({ length: COPIES * 2 }, (_, index) => `key ${index}`);
      const seen: Record<string, unknown> = {};
      const work = async (key: string) => {
        await new Promise((resolve) => setImmediate(resolve));
        seen[key] = context.getStore();
      };
      await Promise.all(keys.map((key) => context.run(key, () => store.run(key, () => work(key)))));
      deepStrictEqual(seen, Object.fromEntries(keys.map((key) => [key, key])));
    },
  },
  {
    name: "ends after the work, not before",
    async run({ store }) {
      const order: string[] = [];
      await store.run("a", async () => {
        await new Promise((resolve) => setImmediate(resolve));
        order.push("work");
      });
      order.push("run");
      deepStrictEqual(order, ["work", "run"]);
    },
  },
  {
    name: "keeps others out while the work is being done, and lets them see that it is done",
    async run({ store }) {
      const { finish, ended } = await holdOpen(store, "a");
      deepStrictEqual(await runOnce(store, "a"), { state: "busy", ran: false });
      deepStrictEqual(await runOnce(store, "b"), { state: "committed", ran: true });
      finish();
      deepStrictEqual(await ended, { state: "committed" });
      deepStrictEqual(await runOnce(store, "a"), { state: "done", ran: false });
    },
  },
  {
    name: "lets another in when the work has failed",
    async run({ store }) {
      const { finish, ended } = await holdOpen(store, "a");
      deepStrictEqual(await runOnce(store, "a"), { state: "busy", ran: false });
      finish(new Error("no"));
      await rejects(ended, { message: "no" });
      deepStrictEqual(await runOnce(store, "a"), { state: "committed", ran: true });
    },
  },
  {
    name: "lets one of many copies do the work",
    async run({ store }) {
      const results = await Promise.all(Array.from({ length: COPIES }, () => runOnce(store, "a")));
      deepStrictEqual(results.filter(({ ran }) => ran).length, 1);
    },
  },
  {
    name: "keeps deliveries apart, whatever their names",
    async run({ store }) {
      const keys = ["a", "A", "a:b", "a:", "*", "%", "__proto__", "x".repeat(300), "\\", "'", '"'];
      for (const key of keys) deepStrictEqual(await runOnce(store, key), { state: "committed", ran: true });
      for (const key of keys) deepStrictEqual(await runOnce(store, key), { state: "done", ran: false });
    },
  },
  {
    name: "still works after it was closed, more than once",
    async run({ store }) {
      await store.close?.();
      await store.close?.();
      deepStrictEqual(await runOnce(store, "a"), { state: "committed", ran: true });
      deepStrictEqual(await runOnce(store, "a"), { state: "done", ran: false });
    },
  },
  {
    name: "remembers what is done as long as it must, and not forever",
    async run({ store, advance }) {
      await runOnce(store, "a");
      await advance(RETENTION_MS - 1);
      deepStrictEqual(await runOnce(store, "a"), { state: "done", ran: false });
      await advance(1);
      deepStrictEqual(await runOnce(store, "a"), { state: "committed", ran: true });
    },
  },
];
