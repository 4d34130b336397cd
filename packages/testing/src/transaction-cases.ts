import { deepStrictEqual, rejects } from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";

import type { TransactionalStore } from "@ahasend-webhooks/core";

/** A transactional store under test, empty at the start of each case, with a `retentionSeconds` of 14 hours. */
export interface TransactionalStoreUnderTest {
  store: TransactionalStore;
  /** Advances the store's clock by `ms` milliseconds. */
  advance: (ms: number) => Promise<void> | void;
}

/** One requirement of every transactional store. */
export interface TransactionCase {
  name: string;
  /** @throws {AssertionError} if the store does not meet it */
  run: (subject: TransactionalStoreUnderTest) => Promise<void>;
}

const RETENTION_MS = 14 * 3600 * 1000;
const DUPLICATES = 10;

/** Runs a transaction for a key. @returns the state, and whether the work ran */
async function runOnce(store: TransactionalStore, key: string): Promise<{ state: string; ran: boolean }> {
  let ran = false;
  const { state } = await store.run(key, () => {
    ran = true;
    return Promise.resolve();
  });
  return { state, ran };
}

/** Starts work and keeps its transaction open until `finish` is called. */
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
 * The contract of a transactional store. It does not cover that the handler's own writes are kept or undone with the
 * receipt: how to write depends on the store, so that its own tests must show it.
 *
 * @example
 * it.each(transactionCases)("$name", ({ run }) => run({ store, advance }));
 */
export const transactionCases: readonly TransactionCase[] = [
  {
    name: "runs the work once",
    async run({ store }) {
      deepStrictEqual(await runOnce(store, "a"), { state: "committed", ran: true });
      deepStrictEqual(await runOnce(store, "a"), { state: "done", ran: false });
    },
  },
  {
    name: "rejects with the error of the work, and runs the work again next time",
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
    name: "runs the work in the async context of its caller, even while many wait for a connection",
    async run({ store }) {
      const context = new AsyncLocalStorage<string>();
      const keys = Array.from({ length: DUPLICATES * 2 }, (_, index) => `key ${index}`);
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
    name: "resolves after the work has finished",
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
    name: "reports a delivery as busy while its work runs, and as done afterwards",
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
    name: "runs the work of another caller after the first has failed",
    async run({ store }) {
      const { finish, ended } = await holdOpen(store, "a");
      deepStrictEqual(await runOnce(store, "a"), { state: "busy", ran: false });
      finish(new Error("no"));
      await rejects(ended, { message: "no" });
      deepStrictEqual(await runOnce(store, "a"), { state: "committed", ran: true });
    },
  },
  {
    name: "runs the work for exactly one of many duplicates",
    async run({ store }) {
      const results = await Promise.all(Array.from({ length: DUPLICATES }, () => runOnce(store, "a")));
      deepStrictEqual(results.filter(({ ran }) => ran).length, 1);
    },
  },
  {
    name: "keeps deliveries apart by their exact keys",
    async run({ store }) {
      const keys = ["a", "A", "a:b", "a:", "*", "%", "__proto__", "x".repeat(300), "\\", "'", '"'];
      for (const key of keys) deepStrictEqual(await runOnce(store, key), { state: "committed", ran: true });
      for (const key of keys) deepStrictEqual(await runOnce(store, key), { state: "done", ran: false });
    },
  },
  {
    name: "keeps working after it is closed, even twice",
    async run({ store }) {
      await store.close?.();
      await store.close?.();
      deepStrictEqual(await runOnce(store, "a"), { state: "committed", ran: true });
      deepStrictEqual(await runOnce(store, "a"), { state: "done", ran: false });
    },
  },
  {
    name: "remembers a finished delivery for retentionSeconds and no longer",
    async run({ store, advance }) {
      await runOnce(store, "a");
      await advance(RETENTION_MS - 1);
      deepStrictEqual(await runOnce(store, "a"), { state: "done", ran: false });
      await advance(1);
      deepStrictEqual(await runOnce(store, "a"), { state: "committed", ran: true });
    },
  },
];
