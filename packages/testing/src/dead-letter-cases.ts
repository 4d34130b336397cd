import { deepStrictEqual, match, rejects } from "node:assert/strict";

import { type Inbox, PermanentError } from "@ahasend-webhooks/core";

import { AT_ONCE, type InboxCase, WorkerUnderTest, createDelivery } from "./inbox-case.js";

/** Makes dead letters of deliveries, and returns their ids in the inbox. */
async function bury(inbox: Inbox, ...deliveryIds: string[]): Promise<string[]> {
  for (const id of deliveryIds) await inbox.accept(createDelivery(id));
  const worker = new WorkerUnderTest(inbox, () => {
    throw new PermanentError("the customer does not exist");
  });
  await worker.ended(deliveryIds.length);
  await worker.close();
  const letters = await inbox.deadLetters.list();
  return deliveryIds.map((id) => letters.find(({ deliveryId }) => deliveryId === id)?.id ?? "");
}

/** The part of the contract of an inbox that is about dead letters. */
export const deadLetterCases: readonly InboxCase[] = [
  {
    name: "makes a dead letter of a delivery whose last attempt has failed",
    async run({ open }) {
      const inbox = await open({ ...AT_ONCE, maxAttempts: 3 });
      await inbox.accept(createDelivery("a"));
      const worker = new WorkerUnderTest(inbox, () => {
        throw new Error("out of order");
      });
      await worker.ended(1);
      deepStrictEqual(
        worker.outcomes.map(({ kind, attempt }) => [kind, attempt]),
        [
          ["failed", 1],
          ["failed", 2],
          ["dead", 3],
        ],
      );
      const letters = await inbox.deadLetters.list();
      deepStrictEqual(
        letters.map(({ deliveryId, endpoint, type, attempts }) => ({ deliveryId, endpoint, type, attempts })),
        [{ deliveryId: "a", endpoint: "default", type: "message.bounced", attempts: 3 }],
      );
      match(letters[0]?.error ?? "", /out of order/);
      deepStrictEqual((await inbox.stats()).deadLetters, 1);
      deepStrictEqual(await inbox.accept(createDelivery("a")), "duplicate");
      await worker.close();
    },
  },
  {
    name: "makes a dead letter of a PermanentError at once, of any copy of the package",
    async run({ open }) {
      const inbox = await open(AT_ONCE);
      await inbox.accept(createDelivery("a"));
      const worker = new WorkerUnderTest(inbox, () => {
        throw Object.assign(new Error("the customer does not exist"), { name: "PermanentError" });
      });
      await worker.ended(1);
      deepStrictEqual(
        worker.outcomes.map(({ kind }) => kind),
        ["dead"],
      );
      await worker.close();
    },
  },
  {
    name: "starts a replayed dead letter again with the first attempt",
    async run({ open }) {
      const [one = "", other = ""] = await bury(await open({}), "a", "b");
      const inbox = await open({});
      deepStrictEqual(await inbox.deadLetters.replay("unknown"), 0);
      deepStrictEqual(await inbox.deadLetters.replay(one), 1);
      deepStrictEqual(await inbox.deadLetters.replay([one]), 0);
      const worker = new WorkerUnderTest(inbox);
      await worker.ended(1);
      deepStrictEqual(await inbox.deadLetters.replay("all"), 1);
      await worker.ended(2);
      deepStrictEqual(
        worker.calls.map(({ deliveryId, attempt }) => [deliveryId, attempt]),
        [
          ["a", 1],
          ["b", 1],
        ],
      );
      deepStrictEqual(await inbox.deadLetters.list(), []);
      deepStrictEqual(await inbox.deadLetters.inspect(other), undefined);
      await worker.close();
    },
  },
  {
    name: "forgets a discarded dead letter, but recognizes its duplicates",
    async run({ open }) {
      const inbox = await open({});
      const [one = ""] = await bury(inbox, "a", "b");
      deepStrictEqual(await inbox.deadLetters.discard(one), 1);
      deepStrictEqual(await inbox.deadLetters.discard([one, "unknown"]), 0);
      deepStrictEqual(
        (await inbox.deadLetters.list()).map(({ deliveryId }) => deliveryId),
        ["b"],
      );
      deepStrictEqual(await inbox.accept(createDelivery("a")), "duplicate");
      deepStrictEqual(await inbox.deadLetters.discard("all"), 1);
      deepStrictEqual((await inbox.stats()).deadLetters, 0);
    },
  },
  {
    name: "lists the oldest dead letters, at most as many as asked for",
    async run({ open }) {
      const inbox = await open({ concurrency: 1 });
      await bury(inbox, "a", "b", "c");
      const letters = await inbox.deadLetters.list({ limit: 2 });
      deepStrictEqual(
        letters.map(({ deliveryId }) => deliveryId),
        ["a", "b"],
      );
    },
  },
  {
    name: "refuses to replay or discard without ids",
    async run({ open }) {
      const inbox = await open({});
      // A caller in JavaScript may leave the argument out.
      const deadLetters = inbox.deadLetters as {
        [Method in "replay" | "discard"]: (ids?: string) => Promise<number>;
      };
      await rejects(async () => deadLetters.replay(), TypeError);
      await rejects(async () => deadLetters.discard(), TypeError);
    },
  },
];
