import { once } from "node:events";
import type { AddressInfo } from "node:net";

import { createBullBoard } from "@bull-board/api";
import { BullMQAdapter } from "@bull-board/api/bullMQAdapter";
import { ExpressAdapter } from "@bull-board/express";
import { type TestServer, hasRedis, required, startRedis } from "@ahasend-webhooks/harness";
import { WorkerUnderTest, createDelivery } from "@ahasend-webhooks/testing";
import type { Queue } from "bullmq";
import express from "express";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";

import { openQueue } from "./queue-under-test.js";

interface Board {
  queues: { counts: { failed: number }; jobs: { id: string; name: string; data: unknown }[] }[];
}

/** Mounts Bull Board in Express, as the README does. */
async function openBoard(queue: Queue) {
  const board = new ExpressAdapter();
  board.setBasePath("/queues");
  createBullBoard({ queues: [new BullMQAdapter(queue)], serverAdapter: board });
  const app = express();
  app.use("/queues", board.getRouter());
  const listening = app.listen(0, "127.0.0.1");
  await once(listening, "listening");
  onTestFinished(() => void listening.close());
  const api = `http://127.0.0.1:${(listening.address() as AddressInfo).port}/queues/api/queues`;
  return {
    read: async (): Promise<Board["queues"][number]> => {
      const response = await fetch(`${api}?activeQueue=${queue.name}&status=failed`);
      return ((await response.json()) as Board).queues[0]!;
    },
    retry: (id: string) => fetch(`${api}/${queue.name}/${id}/retry`, { method: "PUT" }),
  };
}

describe.skipIf(!required("Redis", hasRedis()))("Bull Board on the queue of an inbox", () => {
  let server: TestServer;
  beforeAll(async () => void (server = await startRedis()));
  afterAll(() => server.stop());

  it("shows a dead letter with its error, and its retry is one more attempt, not the first one", async () => {
    const { queue, openInbox } = openQueue(server.port);
    const inbox = openInbox({ maxAttempts: 1 });
    await inbox.accept(createDelivery("a"));
    let isRepaired = false;
    const worker = new WorkerUnderTest(inbox, () => {
      if (!isRepaired) throw new Error("no such customer");
    });
    onTestFinished(() => worker.close());
    await worker.ended(1);
    const { read, retry } = await openBoard(queue);
    const { counts, jobs } = await read();
    expect(counts).toMatchObject({ failed: 1 });
    expect(jobs).toMatchObject([
      { name: "message.bounced", failedReason: "Error: no such customer", data: { deliveryId: "a" } },
    ]);
    const { id } = jobs[0]!;
    expect((await retry(id)).ok).toBe(true);
    await worker.ended(2);
    isRepaired = true;
    expect((await retry(id)).ok).toBe(true);
    await worker.ended(3);
    expect(worker.outcomes.map(({ kind }) => kind)).toEqual(["dead", "dead", "handled"]);
    expect(worker.calls.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    expect(await inbox.stats()).toMatchObject({ waiting: 0, deadLetters: 0 });
    expect((await read()).jobs).toEqual([]);
  });
});
