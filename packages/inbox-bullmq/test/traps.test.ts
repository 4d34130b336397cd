import { fileURLToPath } from "node:url";

import { createReceiver, createWorker } from "@ahasend-webhooks/core";
import { type TestServer, hasRedis, required, startRedis } from "@ahasend-webhooks/harness";
import { Program } from "@ahasend-webhooks/harness/program";
import {
  WorkerUnderTest,
  createDelivery,
  createEvent,
  createGate,
  signDelivery,
} from "@ahasend-webhooks/testing";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";

import { type BullmqInboxOptions, bullmqInbox } from "../src/index.js";
import { openQueue } from "./queue-under-test.js";

const AT_ONCE = { backoffSeconds: () => 0 };
const secret = "aha-whsec-Zk4vT9wQ2mX7bN1sL6pR3yC8dF5gH0jA";

describe.skipIf(!required("Redis", hasRedis()))("bullmqInbox", () => {
  let server: TestServer;
  beforeAll(async () => void (server = await startRedis()));
  afterAll(() => server.stop());

  it("accepts delivery ids that BullMQ refuses or uses for its own keys", async () => {
    const { openInbox } = openQueue(server.port);
    const inbox = openInbox();
    const ids = ["id", "meta", "events", "wait", "0", "123456", "a:b", "0:1", "a:b:c", "~".repeat(255)];
    for (const id of ids) expect(await inbox.accept(createDelivery(id))).toBe("accepted");
    for (const id of ids) expect(await inbox.accept(createDelivery(id))).toBe("duplicate");
    const worker = new WorkerUnderTest(inbox);
    await worker.ended(ids.length);
    expect(worker.ids.toSorted()).toEqual(ids.toSorted());
    await worker.close();
  });

  it("recognizes duplicates although the queue's own defaults remove, delay, merge and limit jobs, and turn the order around", async () => {
    const defaultJobOptions = {
      removeOnComplete: true,
      removeOnFail: true,
      delay: 3_600_000,
      lifo: true,
      deduplication: { id: "one for all" },
      sizeLimit: 1,
    };
    const { openInbox } = openQueue(server.port, { defaultJobOptions });
    const inbox = openInbox({ concurrency: 1 });
    for (const id of ["a", "b"]) await inbox.accept(createDelivery(id));
    const worker = new WorkerUnderTest(inbox);
    await worker.ended(2);
    expect(worker.ids).toEqual(["a", "b"]);
    expect(await inbox.accept(createDelivery("a"))).toBe("duplicate");
    await worker.close();
  });

  it("keeps completed jobs for retentionSeconds, without their bodies", async () => {
    const { queue, openInbox } = openQueue(server.port);
    const inbox = openInbox({ retentionSeconds: 50_000 });
    await inbox.accept(createDelivery("a"));
    const worker = new WorkerUnderTest(inbox);
    await worker.ended(1);
    await worker.close();
    const [job] = await queue.getCompleted();
    expect(job?.opts.removeOnComplete).toEqual({ age: 50_000 });
    expect(job?.data).toMatchObject({ v: 1, endpoint: "default", deliveryId: "a", body: "" });
  });

  it("keeps the bytes of a delivery that waits, and never the parsed event", async () => {
    const { queue, openInbox } = openQueue(server.port);
    const delivery = createDelivery("a");
    await openInbox().accept(delivery);
    const [job] = await queue.getWaiting();
    expect(job?.name).toBe("message.bounced");
    expect(job?.data).toEqual({
      acceptedAt: expect.any(Number) as number,
      v: 1,
      endpoint: "default",
      deliveryId: "a",
      type: "message.bounced",
      sentAt: delivery.sentAt.getTime(),
      body: Buffer.from(delivery.rawBody).toString("base64"),
    });
  });

  it("rejects a delivery in time when Redis is missing, and accepts it when it has started", async () => {
    const own = await startRedis();
    onTestFinished(() => own.stop());
    await own.kill();
    const { queue, openInbox } = openQueue(own.port, {
      connection: { port: own.port, retryStrategy: () => 20 },
    });
    queue.on("error", () => undefined);
    const inbox = openInbox({ acceptTimeoutSeconds: 0.05 });
    await expect(inbox.accept(createDelivery("a"))).rejects.toThrow("No answer within 50 ms");
    await expect(inbox.ready()).rejects.toThrow("No answer within 50 ms");
    await own.start();
    // The first attempt may have been written meanwhile.
    expect(await vi.waitFor(() => inbox.accept(createDelivery("a")), 10_000)).toMatch(/accepted|duplicate/);
    expect(await inbox.stats()).toMatchObject({ waiting: 1 });
  });

  it("rejects a look at the queue in time when Redis is missing, and answers when it is back", async () => {
    const own = await startRedis();
    onTestFinished(() => own.stop());
    const { queue, openInbox } = openQueue(own.port, {
      connection: { port: own.port, retryStrategy: () => 20, maxRetriesPerRequest: null },
    });
    queue.on("error", () => undefined);
    const inbox = openInbox({ acceptTimeoutSeconds: 0.2 });
    await inbox.ready();
    await own.kill();
    const { deadLetters } = inbox;
    const looks = [
      inbox.stats(),
      deadLetters.list(),
      deadLetters.inspect("a"),
      deadLetters.replay("all"),
      deadLetters.discard("a"),
    ];
    for (const look of await Promise.allSettled(looks)) {
      expect(look).toMatchObject({ reason: { message: "No answer within 200 ms." } });
    }
    await own.start();
    expect(await vi.waitFor(() => inbox.stats(), 10_000)).toMatchObject({ waiting: 0 });
    expect(await vi.waitFor(() => deadLetters.replay("all"), 10_000)).toBe(0);
  });

  it("does not collect deliveries in memory while Redis is away", async () => {
    const own = await startRedis();
    onTestFinished(() => own.stop());
    const { queue, openInbox } = openQueue(own.port, {
      connection: { port: own.port, retryStrategy: () => 20 },
    });
    queue.on("error", () => undefined);
    const inbox = openInbox({ acceptTimeoutSeconds: 0.2 });
    await inbox.ready();
    await own.kill();
    const ids = Array.from({ length: 32 }, (_, index) => `delivery ${index}`);
    await Promise.allSettled(ids.map((id) => inbox.accept(createDelivery(id))));
    await expect(inbox.accept(createDelivery("one more"))).rejects.toThrow(
      "32 deliveries are still being written",
    );
    await own.start();
    expect(await vi.waitFor(() => inbox.accept(createDelivery("one more")), 10_000)).toBe("accepted");
  });

  it("closes in time when Redis is away", async () => {
    const own = await startRedis();
    onTestFinished(() => own.stop());
    const { queue, openInbox } = openQueue(own.port, {
      connection: { port: own.port, retryStrategy: () => 20 },
    });
    queue.on("error", () => undefined);
    const inbox = openInbox({ onWarning: () => undefined });
    await inbox.accept(createDelivery("a"));
    const worker = new WorkerUnderTest(inbox, () => new Promise(() => undefined));
    await worker.started(1);
    await own.kill();
    const startedAt = performance.now();
    await worker.close(0);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    expect(worker.calls[0]?.signal.aborted).toBe(true);
    await own.start();
  });

  it("reports a handler that ends after its worker has closed", async () => {
    const { openInbox } = openQueue(server.port);
    const gate = createGate();
    const inbox = openInbox();
    await inbox.accept(createDelivery("a"));
    const worker = new WorkerUnderTest(inbox, () => gate.passed);
    await worker.started(1);
    await worker.close(0);
    gate.open();
    await worker.until(() => worker.outcomes.length === 1);
    expect(worker.outcomes[0]).toMatchObject({ kind: "handled", storeError: { code: "store_unavailable" } });
  });

  it("continues after a crash of Redis, without losing what was accepted", async () => {
    const own = await startRedis();
    onTestFinished(() => own.stop());
    const connection = { port: own.port, retryStrategy: () => 20 };
    const { queue, openInbox } = openQueue(own.port, { connection });
    queue.on("error", () => undefined);
    const inbox = openInbox({ onWarning: () => undefined });
    const ids = Array.from({ length: 20 }, (_, index) => `delivery ${index}`);
    await Promise.all(ids.map((id) => inbox.accept(createDelivery(id))));
    await own.kill();
    const worker = new WorkerUnderTest(inbox);
    await own.start();
    await worker.ended(ids.length);
    expect(worker.ids.toSorted()).toEqual(ids.toSorted());
    await worker.close();
  });

  it("warns about a Redis that would lose deliveries, with the cure", async () => {
    const lax = await startRedis(["--appendonly", "no", "--maxmemory-policy", "allkeys-lru"]);
    onTestFinished(() => lax.stop());
    const onWarning = vi.fn();
    const inbox = openQueue(lax.port).openInbox({ onWarning });
    await inbox.accept(createDelivery("a"));
    await inbox.ready();
    const messages = onWarning.mock.calls.map(([message]) => String(message));
    expect(messages).toHaveLength(2);
    expect(messages).toContainEqual(
      expect.stringMatching(/allkeys-lru.*set maxmemory-policy to noeviction\.$/),
    );
    expect(messages).toContainEqual(expect.stringMatching(/set appendonly to yes\.$/));
  });

  it("warns about nothing on a Redis that keeps everything", async () => {
    const onWarning = vi.fn();
    const inbox = openQueue(server.port).openInbox({ onWarning });
    await inbox.ready();
    expect(onWarning).not.toHaveBeenCalled();
  });

  it("leaves a queue alone that contains jobs of something else, until they are gone", async () => {
    const { queue, openInbox } = openQueue(server.port);
    const job = await queue.add("resize", { image: 7 });
    const warned: string[] = [];
    const gate = createGate();
    const inbox = openInbox({
      onWarning: (message, error) => {
        warned.push(`${message} ${String(error)}`);
        gate.open();
      },
    });
    await expect(inbox.ready()).rejects.toThrow(
      "contains jobs of something else: give the inbox a queue of its own.",
    );
    await expect(inbox.accept(createDelivery("a"))).rejects.toThrow("give the inbox a queue of its own.");
    const worker = new WorkerUnderTest(inbox);
    await gate.passed;
    expect(warned[0]).toContain("give the inbox a queue of its own.");
    expect(await job.getState()).toBe("waiting");
    await job.remove();
    await inbox.accept(createDelivery("a"));
    await worker.ended(1);
    await worker.close();
  });

  it("does not count or list a foreign job as a delivery, and never calls a handler with it", async () => {
    const { queue, openInbox } = openQueue(server.port);
    const gate = createGate();
    const inbox = openInbox({ onWarning: () => gate.open() });
    await inbox.ready();
    const worker = new WorkerUnderTest(inbox);
    await queue.add("resize", { image: 7 });
    await gate.passed;
    expect(worker.calls).toEqual([]);
    expect(await inbox.deadLetters.list()).toEqual([]);
    expect(await inbox.deadLetters.discard("all")).toBe(0);
    await worker.close();
  });

  it.each(["bullmq:rateLimitExceeded", "an ordinary message"])(
    "fails an attempt whose error BullMQ would take for an order: %s",
    async (message) => {
      const inbox = openQueue(server.port).openInbox({ ...AT_ONCE, maxAttempts: 2 });
      await inbox.accept(createDelivery("a"));
      const worker = new WorkerUnderTest(inbox, () => {
        throw Object.assign(new Error(message), { name: "DelayedError" });
      });
      await worker.ended(1);
      expect(worker.outcomes.map(({ kind }) => kind)).toEqual(["failed", "dead"]);
      await worker.close();
    },
  );

  it("obeys the maxAttempts of the worker, not that of the process that accepted", async () => {
    const { openInbox } = openQueue(server.port);
    await openInbox({ maxAttempts: 1 }).accept(createDelivery("a"));
    const worker = new WorkerUnderTest(openInbox({ ...AT_ONCE, maxAttempts: 3 }), () => {
      throw new Error("out of order");
    });
    await worker.ended(1);
    expect(worker.outcomes.map(({ kind }) => kind)).toEqual(["failed", "failed", "dead"]);
    await worker.close();
  });

  it("waits for backoffSeconds before the next attempt", async () => {
    const { queue, openInbox } = openQueue(server.port);
    const failures: number[] = [];
    const backoffSeconds = (failed: number) => {
      failures.push(failed);
      return failed === 1 ? 0.01 : 3600;
    };
    const inbox = openInbox({ backoffSeconds });
    await inbox.accept(createDelivery("a"));
    const worker = new WorkerUnderTest(inbox, () => {
      throw new Error("out of order");
    });
    await worker.until(() => worker.outcomes.length === 2);
    expect(failures).toEqual([1, 2]);
    const [job] = await queue.getDelayed();
    expect(job?.delay).toBe(3_600_000);
    expect(await inbox.stats()).toMatchObject({ waiting: 1, active: 0, deadLetters: 0 });
    await worker.close();
  });

  it("reports a result that the queue did not take as an error of the store", async () => {
    const { openInbox, expireLeases } = openQueue(server.port);
    const gate = createGate();
    const inbox = openInbox({ onWarning: () => undefined, stalledCheckSeconds: 60 });
    await inbox.accept(createDelivery("a"));
    const worker = new WorkerUnderTest(inbox, () => gate.passed);
    await worker.started(1);
    await expireLeases();
    gate.open();
    await worker.until(() => worker.outcomes.length === 1);
    expect(worker.outcomes[0]).toMatchObject({ kind: "handled", storeError: { code: "store_unavailable" } });
    await worker.close();
  });

  it("completes a discarded dead letter without a call of the handler", async () => {
    const { queue, openInbox } = openQueue(server.port);
    const inbox = openInbox({ maxAttempts: 1 });
    await inbox.accept(createDelivery("a"));
    const worker = new WorkerUnderTest(inbox, () => {
      throw new Error("poison");
    });
    await worker.ended(1);
    await inbox.deadLetters.discard("all");
    await inbox.accept(createDelivery("b"));
    await worker.ended(2);
    expect(worker.ids).toEqual(["a", "b"]);
    expect((await queue.getCompleted()).map((job) => (job.data as { body: string }).body)).toEqual([""]);
    expect(await inbox.accept(createDelivery("a"))).toBe("duplicate");
    await worker.close();
  });

  it("reports a dead letter as discarded that somebody replays at the same moment", async () => {
    const { queue, openInbox } = openQueue(server.port);
    const inbox = openInbox({ maxAttempts: 1 });
    await inbox.accept(createDelivery("a"));
    const poisoned = new WorkerUnderTest(inbox, () => {
      throw new Error("poison");
    });
    await poisoned.ended(1);
    await poisoned.close();
    const [job] = await queue.getFailed();
    const getJob = vi.spyOn(queue, "getJob").mockResolvedValueOnce(job);
    const isFailed = vi.spyOn(job!, "isFailed").mockImplementationOnce(async () => {
      getJob.mockRestore();
      isFailed.mockRestore();
      return (await inbox.deadLetters.replay("all")) === 1;
    });
    expect(await inbox.deadLetters.discard("all")).toBe(1);
    const worker = new WorkerUnderTest(inbox);
    await inbox.accept(createDelivery("b"));
    await worker.ended(1);
    expect(worker.ids).toEqual(["b"]);
    await worker.close();
  });

  it("uses the prefix of the queue, and a client as connection", async () => {
    const client = new Redis(server.port, { maxRetriesPerRequest: null });
    onTestFinished(() => client.disconnect());
    const { queue, openInbox } = openQueue(server.port, { prefix: "own", connection: client });
    const inbox = openInbox();
    await inbox.accept(createDelivery("a"));
    const worker = new WorkerUnderTest(inbox);
    await worker.ended(1);
    await worker.close();
    expect(await client.exists(`own:${queue.name}:meta`)).toBe(1);
    expect(client.status).toBe("ready");
  });

  it("carries deliveries from a receiver that does not work to a worker of its own", async () => {
    const { queue, openInbox } = openQueue(server.port);
    const on = { "message.bounced": vi.fn() };
    const receiver = createReceiver({ secret, on, store: openInbox(), work: false });
    const attempt = { method: "POST", ...signDelivery({ secret, event: createEvent("message.bounced") }) };
    const post = async () => (await receiver.fetch(new Request("http://localhost/", attempt))).status;
    expect([await post(), await post()]).toEqual([204, 204]);
    expect(on["message.bounced"]).not.toHaveBeenCalled();
    const gate = createGate();
    const worker = createWorker({ on, store: bullmqInbox(queue), onOutcome: () => gate.open() });
    await gate.passed;
    expect(on["message.bounced"]).toHaveBeenCalledTimes(1);
    await Promise.all([worker.close(), receiver.close()]);
  });

  it("hands a delivery to the next worker after a SIGKILL, and makes a dead letter of one that kills every worker", async () => {
    const { queue, openInbox } = openQueue(server.port);
    const inbox = openInbox();
    await inbox.accept(createDelivery("killer"));
    for (const attempt of [1, 2]) {
      const program = Program.start(fileURLToPath(new URL("killed-worker.mjs", import.meta.url)), {
        PORT: String(server.port),
        QUEUE: queue.name,
      });
      expect(await program.line(({ msg }) => msg === "started")).toMatchObject({ attempt });
      program.signal("SIGKILL");
      await program.ended();
    }
    const gate = createGate();
    const worker = new WorkerUnderTest(openInbox({ maxAttempts: 2, onWarning: () => gate.open() }));
    await gate.passed;
    expect(worker.calls).toEqual([]);
    const [letter] = await inbox.deadLetters.list();
    expect(letter).toMatchObject({
      deliveryId: "killer",
      attempts: 2,
      error: expect.stringContaining("stalled") as string,
    });
    await inbox.deadLetters.replay("all");
    await worker.ended(1);
    expect(worker.calls).toMatchObject([{ deliveryId: "killer", attempt: 1 }]);
    await worker.close();
  });

  it.each([Number.NaN, Infinity, 1.5, 0, -3, "2"])("refuses to list dead letters up to %s", async (limit) => {
    const { deadLetters } = openQueue(server.port).openInbox();
    await expect(deadLetters.list({ limit: limit as number })).rejects.toThrow(
      new TypeError("limit must be a whole number above 0."),
    );
  });

  it.each([
    [{ orderingKey: () => "key" }, /orderingKey is not supported by bullmqInbox: leave it out, or use/],
    [
      { concurrency: { "message.routing": 1 } as never },
      /concurrency by event type is not supported .*: pass a number/,
    ],
    [{ acceptTimeoutSeconds: 0 }, /acceptTimeoutSeconds must be a number above 0/],
    [{ lockSeconds: Infinity }, /lockSeconds must be a number above 0/],
    [{ stalledCheckSeconds: Number.NaN }, /stalledCheckSeconds must be a number above 0/],
    [{ concurency: 1 }, /concurency is not an option: did you mean concurrency\?$/],
    [{ onWarning: "console" }, /onWarning must be a function/],
  ])("refuses options that BullMQ cannot fulfil: %o", (options, message) => {
    const { queue } = openQueue(server.port);
    const create = () => bullmqInbox(queue, options as BullmqInboxOptions);
    expect(create).toThrow(TypeError);
    expect(create).toThrow(message);
  });

  it("refuses what is not a queue", () => {
    expect(() => bullmqInbox({} as never)).toThrow(/pass new Queue\("ahasend", \{ connection \}\)\.$/);
    expect(() => bullmqInbox(undefined as never)).toThrow(TypeError);
    expect(() => bullmqInbox("ahasend" as never)).toThrow(TypeError);
  });
});
