import { deepStrictEqual, ok } from "node:assert/strict";

import {
  AT_ONCE,
  type InboxCase,
  WorkerUnderTest,
  createDelivery,
  createGate,
  toBytes,
} from "./inbox-case.js";

/** The part of the contract of an inbox that is about its worker. */
export const workCases: readonly InboxCase[] = [
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
    name: "runs a dozen handlers at the same time without a warning of Node.js",
    async run({ open }) {
      const inbox = await open({ concurrency: 12 });
      const warnings: Error[] = [];
      const onWarning = (warning: Error) => void warnings.push(warning);
      process.on("warning", onWarning);
      const gate = createGate();
      const ids = Array.from({ length: 12 }, (_, index) => String(index));
      await Promise.all(ids.map((id) => inbox.accept(createDelivery(id))));
      const worker = new WorkerUnderTest(inbox, () => gate.passed);
      await worker.started(12);
      gate.open();
      await worker.ended(12);
      await worker.close();
      process.off("warning", onWarning);
      deepStrictEqual(warnings, []);
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
      deepStrictEqual(worker.first.call.signal.aborted, true);
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
      deepStrictEqual(worker.first.call.signal.aborted, true);
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
    name: "closes sooner when a second call has a shorter time, although a handler hangs",
    async run({ open }) {
      const inbox = await open({});
      await inbox.accept(createDelivery("a"));
      const worker = new WorkerUnderTest(inbox, () => new Promise(() => undefined));
      await worker.started(1);
      const closed = worker.close(3600);
      await Promise.all([closed, worker.close(0)]);
      deepStrictEqual(worker.first.call.signal.aborted, true);
    },
  },
];
