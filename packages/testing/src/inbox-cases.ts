import { deepStrictEqual, ok, throws } from "node:assert/strict";

import { deadLetterCases } from "./dead-letter-cases.js";
import { bodyCases } from "./inbox-body-cases.js";
import { type InboxCase, WorkerUnderTest, createDelivery, createGate } from "./inbox-case.js";
import { workCases } from "./inbox-work-cases.js";

/**
 * The contract of an inbox.
 *
 * @example
 * it.each(inboxCases)("$name", ({ run }) => run({ open: (options) => myInbox(db, options), expireLeases }));
 */
export const inboxCases: readonly InboxCase[] = [
  {
    name: "accepts a delivery once: before, while and after it is handled",
    async run({ open }) {
      const inbox = await open({});
      const gate = createGate();
      deepStrictEqual(await inbox.accept(createDelivery("a")), "accepted");
      deepStrictEqual(await inbox.accept(createDelivery("a")), "duplicate");
      const worker = new WorkerUnderTest(inbox, () => gate.passed);
      await worker.started(1);
      deepStrictEqual(await inbox.accept(createDelivery("a")), "duplicate");
      gate.open();
      await worker.ended(1);
      deepStrictEqual(await inbox.accept(createDelivery("a")), "duplicate");
      deepStrictEqual(await inbox.accept(createDelivery("b")), "accepted");
      await worker.ended(2);
      deepStrictEqual(worker.ids, ["a", "b"]);
      await worker.close();
    },
  },
  {
    name: "accepts exactly one of many simultaneous duplicates",
    async run({ open }) {
      const inbox = await open({});
      const answers = await Promise.all(Array.from({ length: 50 }, () => inbox.accept(createDelivery("a"))));
      deepStrictEqual(answers.filter((answer) => answer === "accepted").length, 1);
    },
  },
  {
    name: "keeps endpoints apart",
    async run({ open }) {
      const inbox = await open({});
      deepStrictEqual(await inbox.accept(createDelivery("a", { endpoint: "one" })), "accepted");
      deepStrictEqual(await inbox.accept(createDelivery("a", { endpoint: "two" })), "accepted");
    },
  },
  {
    name: "hands a delivery out with all its facts",
    async run({ open }) {
      const inbox = await open({});
      const delivery = createDelivery("msg_AbC:1");
      await inbox.accept(delivery);
      const worker = new WorkerUnderTest(inbox);
      await worker.ended(1);
      const { call, outcome } = worker.first;
      const { deliveryId, sentAt, attempt } = call;
      deepStrictEqual(
        { deliveryId, sentAt, attempt },
        { deliveryId: "msg_AbC:1", sentAt: delivery.sentAt, attempt: 1 },
      );
      deepStrictEqual(call.signal.aborted, false);
      deepStrictEqual(
        [outcome?.kind, outcome?.endpoint, outcome?.type],
        ["handled", "default", "message.bounced"],
      );
      await worker.close();
    },
  },
  ...bodyCases,
  ...workCases,
  {
    name: "hands out what was accepted before it was opened again",
    async run({ open }) {
      await (await open({})).accept(createDelivery("a"));
      const worker = new WorkerUnderTest(await open({}));
      await worker.ended(1);
      await worker.close();
    },
  },
  {
    name: "has one worker in a process",
    async run({ open }) {
      const inbox = await open({});
      const worker = new WorkerUnderTest(inbox);
      throws(() => new WorkerUnderTest(inbox), TypeError);
      await worker.close();
    },
  },
  {
    name: "counts what is waiting and active, and knows the age of the oldest",
    async run({ open }) {
      const inbox = await open({ concurrency: 1 });
      deepStrictEqual(await inbox.stats(), {
        waiting: 0,
        active: 0,
        deadLetters: 0,
        oldestSeconds: undefined,
      });
      for (const id of ["a", "b"]) await inbox.accept(createDelivery(id));
      const gate = createGate();
      const worker = new WorkerUnderTest(inbox, () => gate.passed);
      await worker.started(1);
      const { oldestSeconds = -1, ...counts } = await inbox.stats();
      deepStrictEqual(counts, { waiting: 1, active: 1, deadLetters: 0 });
      ok(oldestSeconds >= 0 && oldestSeconds < 60, `oldestSeconds is ${oldestSeconds}`);
      gate.open();
      await worker.ended(2);
      deepStrictEqual(await inbox.stats(), {
        waiting: 0,
        active: 0,
        deadLetters: 0,
        oldestSeconds: undefined,
      });
      await worker.close();
    },
  },
  ...deadLetterCases,
];
