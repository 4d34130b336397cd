import type { Inbox } from "@ahasend-webhooks/core";
import { createReceiver, createWorker } from "@ahasend-webhooks/core";
import { Queue, createPostgresBackend } from "bullmq";
import { getQueueToken } from "@nestjs/bullmq";
import type { FactoryProvider } from "@nestjs/common";
import { expectTypeOf, it } from "vitest";

import { type BullmqInbox, type BullmqQueue, bullmqInbox } from "../src/index.js";

const queue = new Queue("ahasend", { connection: { host: "127.0.0.1" } });

it("accepts the queue of BullMQ, with any type of job", () => {
  expectTypeOf(bullmqInbox(queue)).toEqualTypeOf<BullmqInbox>();
  expectTypeOf(bullmqInbox(queue)).toExtend<Inbox>();
  bullmqInbox(new Queue("ahasend", { connection: { host: "127.0.0.1" } }));
  expectTypeOf<Queue<{ image: number }, string, "resize">>().toExtend<BullmqQueue>();
  bullmqInbox(new Queue("ahasend", { connection: "postgres://localhost/app" }, createPostgresBackend));
  // @ts-expect-error a name is not a queue
  bullmqInbox("ahasend");
});

it("accepts what @nestjs/bullmq injects", () => {
  const options = {
    inject: [getQueueToken("ahasend")],
    useFactory: (injected: Queue) => bullmqInbox(injected),
  };
  expectTypeOf(options).toExtend<Omit<FactoryProvider<BullmqInbox>, "provide">>();
});

it("fits the store of a receiver and of a worker", () => {
  const store = bullmqInbox(queue);
  createReceiver({ secret: "", on: {}, store });
  createWorker({ on: {}, store });
});

it("does not accept what BullMQ cannot do", () => {
  // @ts-expect-error queues of BullMQ know nothing of order by key
  bullmqInbox(queue, { orderingKey: () => "key" });
  // @ts-expect-error a worker has one limit
  bullmqInbox(queue, { concurrency: { "message.routing": 1 } });
});
