import { deepStrictEqual, ok, throws } from "node:assert/strict";

import { PermanentError } from "@ahasend-webhooks/core";

import { deadLetterCases } from "./dead-letter-cases.js";
import {
  AT_ONCE,
  type InboxCase,
  WorkerUnderTest,
  assertSameBytes,
  createDelivery,
  createGate,
  toBytes,
} from "./inbox-case.js";

/** Bodies that databases and serializers like to change. Created when they are used: they are large. */
const hostileBodies: Record<string, () => Uint8Array> = {
  "a NUL and half a character": () =>
    Buffer.from('{"type":"message.routing","data":{"subject":"\\u0000 \\ud800","from":"\ud83d\ude00"}}'),
  "a header named __proto__": () =>
    Buffer.from('{"type":"message.routing","data":{"headers":{"__proto__":["x"]}}}'),
  "numbers and spaces that would be written differently": () =>
    Buffer.from('{ "type":"message.bounced" ,"data":{"n":9007199254740993, "n":1e2}}'),
  "bytes that are not UTF-8": () => Uint8Array.from({ length: 256 }, (_, byte) => byte),
  "30 MB": () => toBytes({ type: "message.routing", data: { raw: "x".repeat(30_000_000) } }),
};

const bodyCases: readonly InboxCase[] = Object.entries(hostileBodies).map(([what, createBody]) => ({
  name: `keeps a body with ${what} byte for byte`,
  async run({ open }) {
    const rawBody = createBody();
    const inbox = await open({ maxAttempts: 1 });
    await inbox.accept(createDelivery("a", { rawBody }));
    const worker = new WorkerUnderTest(inbox, () => {
      throw new PermanentError("kept");
    });
    await worker.ended(1);
    const [letter] = await inbox.deadLetters.list();
    assertSameBytes((await inbox.deadLetters.inspect(letter?.id ?? ""))?.rawBody, rawBody);
    for (const call of worker.calls) assertSameBytes(call.rawBody, rawBody);
    await worker.close();
  },
}));

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
      const { deliveryId, sentAt, attempt, signal } = worker.calls[0]!;
      deepStrictEqual(
        { deliveryId, sentAt, attempt },
        { deliveryId: "msg_AbC:1", sentAt: delivery.sentAt, attempt: 1 },
      );
      deepStrictEqual(signal.aborted, false);
      const { kind, endpoint, type } = worker.outcomes[0]!;
      deepStrictEqual(
        { kind, endpoint, type },
        { kind: "handled", endpoint: "default", type: "message.bounced" },
      );
      await worker.close();
    },
  },
  ...bodyCases,
  {
    name: "repeats a failed attempt and counts the attempts",
    async run({ open }) {
      const inbox = await open(AT_ONCE);
      await inbox.accept(createDelivery("a"));
      const worker = new WorkerUnderTest(inbox, (_event, { attempt }) => {
        if (attempt < 3) throw new Error("not yet");
      });
      await worker.ended(1);
      deepStrictEqual(
        worker.outcomes.map(({ kind, attempt }) => [kind, attempt]),
        [
          ["failed", 1],
          ["failed", 2],
          ["handled", 3],
        ],
      );
      await worker.close();
    },
  },
  {
    name: "handles deliveries with the same ordering key one at a time and in order, past failures",
    async run({ open }) {
      const inbox = await open({ ...AT_ONCE, concurrency: 4 });
      for (const id of ["1", "2", "3"]) await inbox.accept(createDelivery(id, { orderingKey: "key" }));
      let running = 0;
      const worker = new WorkerUnderTest(inbox, async (_event, { deliveryId, attempt }) => {
        running += 1;
        await new Promise((resolve) => setImmediate(resolve));
        deepStrictEqual(running, 1);
        running -= 1;
        if (deliveryId === "1" && attempt < 3) throw new Error("not yet");
      });
      await worker.ended(3);
      deepStrictEqual(worker.ids, ["1", "1", "1", "2", "3"]);
      await worker.close();
    },
  },
  {
    name: "handles deliveries behind one that waits for its retry, unless they have its ordering key",
    async run({ open }) {
      const inbox = await open({ backoffSeconds: () => 3600, concurrency: 2 });
      for (const [id, orderingKey] of [
        ["poison", "key"],
        ["behind", "key"],
        ["other", "other key"],
        ["free", undefined],
      ] as const) {
        await inbox.accept(createDelivery(id, { orderingKey }));
      }
      const worker = new WorkerUnderTest(inbox, (_event, { deliveryId }) => {
        if (deliveryId === "poison") throw new Error("poison");
      });
      await worker.ended(2);
      await worker.started(3);
      deepStrictEqual(worker.ids.toSorted(), ["free", "other", "poison"]);
      await worker.close();
    },
  },
  {
    name: "handles as many deliveries at the same time as concurrency says, in all and by type",
    async run({ open }) {
      const inbox = await open({ concurrency: { "*": 2, "message.routing": 1 } });
      const types = [
        "message.bounced",
        "message.routing",
        "message.opened",
        "message.routing",
        "message.bounced",
      ];
      for (const [index, type] of types.entries()) {
        await inbox.accept(createDelivery(String(index), { type, rawBody: toBytes({ type, data: {} }) }));
      }
      const gate = createGate();
      const running = new Map<string, number>();
      let most = 0;
      const worker = new WorkerUnderTest(inbox, async ({ type }) => {
        const group = type === "message.routing" ? type : "*";
        running.set(group, (running.get(group) ?? 0) + 1);
        most = Math.max(most, running.get(group) ?? 0);
        ok((running.get("message.routing") ?? 0) <= 1);
        await gate.passed;
        running.set(group, (running.get(group) ?? 0) - 1);
      });
      await worker.started(3);
      gate.open();
      await worker.ended(5);
      deepStrictEqual(most, 2);
      await worker.close();
    },
  },
  {
    name: "fails an attempt that takes too long, and fires its signal",
    async run({ open }) {
      const inbox = await open({ ...AT_ONCE, handlerTimeoutSeconds: 0.05 });
      await inbox.accept(createDelivery("a"));
      const worker = new WorkerUnderTest(inbox, (_event, { attempt }) =>
        attempt === 1 ? new Promise(() => undefined) : undefined,
      );
      await worker.ended(1);
      deepStrictEqual(
        worker.outcomes.map(({ kind }) => kind),
        ["failed", "handled"],
      );
      deepStrictEqual(worker.calls[0]!.signal.aborted, true);
      await worker.close();
    },
  },
  {
    name: "lets handlers finish when the worker closes, and leaves the rest to the next worker",
    async run({ open }) {
      const inbox = await open({ concurrency: 1 });
      for (const id of ["a", "b"]) await inbox.accept(createDelivery(id));
      const gate = createGate();
      const worker = new WorkerUnderTest(inbox, () => gate.passed);
      await worker.started(1);
      const closed = worker.close();
      gate.open();
      await closed;
      deepStrictEqual(worker.ids, ["a"]);
      const next = new WorkerUnderTest(await open({ concurrency: 1 }));
      await next.ended(1);
      deepStrictEqual(next.ids, ["b"]);
      await next.close();
    },
  },
  {
    name: "closes in time when a handler hangs, and leaves its delivery to the next worker",
    async run({ open, expireLeases }) {
      const inbox = await open({});
      await inbox.accept(createDelivery("a"));
      const worker = new WorkerUnderTest(inbox, () => new Promise(() => undefined));
      await worker.started(1);
      await worker.close(0);
      deepStrictEqual(worker.calls[0]!.signal.aborted, true);
      await expireLeases();
      const next = new WorkerUnderTest(await open({}));
      await next.ended(1);
      deepStrictEqual(
        next.calls.map(({ deliveryId, attempt }) => [deliveryId, attempt]),
        [["a", 2]],
      );
      await next.close();
    },
  },
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
