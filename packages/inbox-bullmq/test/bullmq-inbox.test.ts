import { randomUUID } from "node:crypto";

import { type TestServer, hasPostgres, hasRedis, required, startRedis } from "@ahasend-webhooks/harness";
import { WorkerUnderTest, createDelivery, inboxCases } from "@ahasend-webhooks/testing";
import { inboxModel } from "@ahasend-webhooks/testing/inbox-model";
import { type PostgresConnectionOptions, Queue, createPostgresBackend } from "bullmq";
import fc from "fast-check";
import { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";

import { bullmqInbox } from "../src/index.js";
import { openPostgresQueue, startBullmqPostgres } from "./postgres-under-test.js";
import { openQueue } from "./queue-under-test.js";

/** Cases of the contract that BullMQ cannot meet: the options are refused. */
const refused: Record<string, string> = {
  "handles deliveries with the same ordering key one at a time and in order, past failures":
    "BullMQ has no order by key without its commercial groups",
  "handles deliveries behind one that waits for its retry, unless they have its ordering key":
    "BullMQ has no order by key without its commercial groups",
  "handles as many deliveries at the same time as concurrency says, in all and by type":
    "a worker of BullMQ has one limit for all jobs",
};

const kept = inboxCases.filter(({ name }) => !(name in refused));

it("has a case of the contract for each name that is left out", () => {
  expect(inboxCases.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(refused)));
});

describe.skipIf(!required("Redis", hasRedis()))("the contract of an inbox, on BullMQ", () => {
  let server: TestServer;
  beforeAll(async () => void (server = await startRedis()));
  afterAll(() => server.stop());

  it.each(kept)("$name", ({ run }) => run(openQueue(server.port)));

  it("agrees with the model for any script of failures and duplicates", async () => {
    await fc.assert(
      inboxModel(() => openQueue(server.port), { keepsOrder: false }),
      { numRuns: 30 },
    );
  });
});

describe.skipIf(!required("PostgreSQL", hasPostgres()))("the same on BullMQ's PostgreSQL", () => {
  let server: TestServer;
  beforeAll(async () => void (server = await startBullmqPostgres()), 60_000);
  afterAll(() => server.stop());

  it.each(kept)("$name", ({ run }) => run(openPostgresQueue(server.url)));

  it("agrees with the model for any script of failures and duplicates", async () => {
    await fc.assert(
      inboxModel(() => openPostgresQueue(server.url), { keepsOrder: false }),
      { numRuns: 8 },
    );
  });

  it("keeps a type and an error with characters that PostgreSQL refuses", async () => {
    const inbox = openPostgresQueue(server.url).openInbox({ maxAttempts: 1 });
    expect(await inbox.accept(createDelivery("a", { type: "new\0\ud800" }))).toBe("accepted");
    const worker = new WorkerUnderTest(inbox, () => {
      throw new Error("NUL \0 and half \ud800");
    });
    await worker.ended(1);
    await worker.close();
    const [letter] = await inbox.deadLetters.list();
    expect(letter).toMatchObject({ deliveryId: "a", type: "new\ufffd\ufffd" });
    expect(letter?.error).toMatch(/^Error: NUL .* and half \ufffd/);
  });

  it("counts the attempts of a delivery whose workers were all lost, and none more", async () => {
    const { openInbox, expireLeases } = openPostgresQueue(server.url);
    const inbox = openInbox({ maxAttempts: 2, onWarning: () => undefined });
    await inbox.accept(createDelivery("a"));
    for (const attempt of [1, 2]) {
      const worker = new WorkerUnderTest(inbox, () => new Promise(() => undefined));
      await worker.started(1);
      expect(worker.first.call.attempt).toBe(attempt);
      await worker.close(0);
      await expireLeases();
    }
    const worker = new WorkerUnderTest(inbox);
    await vi.waitFor(async () => expect(await inbox.stats()).toMatchObject({ deadLetters: 1 }), 10_000);
    expect(await inbox.deadLetters.list()).toMatchObject([{ deliveryId: "a", attempts: 2 }]);
    await worker.close();
  });

  it("uses a pool of yours, and lets it end although the worker has closed at once", async () => {
    const pool = new Pool({ connectionString: server.url, options: "-c search_path=bullmq" });
    const inbox = bullmqInbox(openOn(pool));
    await inbox.accept(createDelivery("a"));
    await new WorkerUnderTest(inbox).close();
    const worker = new WorkerUnderTest(inbox);
    await worker.ended(1);
    await worker.close();
    await pool.end();
  });

  it("refuses a pool that does not find the tables, with the cure", async () => {
    const pool = new Pool({ connectionString: server.url });
    onTestFinished(() => pool.end());
    const inbox = bullmqInbox(openOn(pool), { acceptTimeoutSeconds: 20 });
    await expect(inbox.ready()).rejects.toThrow(/create it with options: "-c search_path=bullmq", or pass/);
  });

  it("warns about a PostgreSQL that would lose deliveries, with the cure", async () => {
    const options = "-c search_path=bullmq -c synchronous_commit=off";
    const pool = new Pool({ connectionString: server.url, options });
    onTestFinished(() => pool.end());
    const onWarning = vi.fn();
    await bullmqInbox(openOn(pool), { onWarning, acceptTimeoutSeconds: 20 }).ready();
    expect(onWarning.mock.calls).toEqual([[expect.stringMatching(/set synchronous_commit to on\.$/)]]);
  });

  it("survives that a connection breaks while BullMQ uses it", async () => {
    const { queue, openInbox } = openPostgresQueue(server.url);
    openInbox();
    const { pool } = (queue.getBackend() as unknown as { connection: { pool: Pool } }).connection;
    const client = await pool.connect();
    const ended = new Promise((resolve) => client.once("end", resolve));
    const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
    await pool.query("SELECT pg_terminate_backend($1)", [rows[0]!.pid]);
    await ended;
    client.release(true);
  });

  it("starts while PostgreSQL is down", async () => {
    const { queue, openInbox } = openPostgresQueue(server.url);
    queue.on("error", () => undefined);
    await server.kill();
    const inbox = openInbox({ acceptTimeoutSeconds: 1, onWarning: () => undefined });
    const worker = new WorkerUnderTest(inbox);
    await expect(inbox.accept(createDelivery("early"))).rejects.toBeInstanceOf(Error);
    await server.start();
    await vi.waitFor(() => inbox.accept(createDelivery("a")), 20_000);
    await vi.waitFor(() => expect(worker.ids).toContain("a"), 20_000);
    await worker.close();
  });

  it("continues after a crash of PostgreSQL, without losing what was accepted", async () => {
    const { queue, openInbox } = openPostgresQueue(server.url);
    queue.on("error", () => undefined);
    const inbox = openInbox({ concurrency: 2, lockSeconds: 1, onWarning: () => undefined });
    const ids = Array.from({ length: 10 }, (_, index) => `delivery ${index}`);
    await Promise.all(ids.map((id) => inbox.accept(createDelivery(id))));
    let restarted: Promise<void> | undefined;
    const worker = new WorkerUnderTest(inbox, () => {
      if (worker.ids.length === 2) restarted = server.kill().then(() => server.start());
    });
    const left = { waiting: 0, active: 0, deadLetters: 0 };
    await vi.waitFor(async () => expect(await inbox.stats()).toMatchObject(left), 20_000);
    await restarted;
    expect(new Set(worker.ids)).toEqual(new Set(ids));
    await worker.close();
  });
});

function openOn(pool: Pool) {
  // The types of pg and of BullMQ differ in optional properties.
  const connection = pool as unknown as PostgresConnectionOptions;
  const queue = new Queue(randomUUID(), { connection, skipMetasUpdate: true }, createPostgresBackend);
  onTestFinished(() => queue.close());
  return queue;
}
