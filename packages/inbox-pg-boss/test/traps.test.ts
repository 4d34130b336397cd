import { fileURLToPath } from "node:url";

import { createReceiver, createWorker } from "@ahasend-webhooks/core";
import { resolveInboxOptions } from "@ahasend-webhooks/core/inbox";
import { type TestServer, hasPostgres, required, startPostgres } from "@ahasend-webhooks/harness";
import { Program } from "@ahasend-webhooks/harness/program";
import {
  WorkerUnderTest,
  createDelivery,
  createEvent,
  createGate,
  signDelivery,
} from "@ahasend-webhooks/testing";
import { Client } from "pg";
import { PgBoss } from "pg-boss";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";

import { BossQueue } from "../src/boss-queue.js";
import { BossTable } from "../src/boss-table.js";
import { type PgBossInboxOptions, pgBossInbox, pgBossInboxAdmin } from "../src/index.js";
import { openQueue, startBoss } from "./boss-under-test.js";

const AT_ONCE = { backoffSeconds: () => 0 };
const secret = "aha-whsec-Zk4vT9wQ2mX7bN1sL6pR3yC8dF5gH0jA";
const YEAR_MS = 365 * 86_400_000;

describe.skipIf(!required("PostgreSQL", hasPostgres()))("pgBossInbox", () => {
  let server: TestServer;
  let boss: PgBoss;
  beforeAll(async () => {
    server = await startPostgres();
    boss = await startBoss(server.url);
  }, 60_000);
  afterAll(async () => {
    await boss.stop({ graceful: false });
    await server.stop();
  });

  async function readJobs(queue: string) {
    const text =
      "SELECT id::text, state::text, data, keep_until, deletion_seconds, retry_limit, retry_count, extract(epoch FROM start_after - now())::float8 AS due FROM pgboss.job WHERE name = $1";
    return (await boss.getDb().executeSql(text, [queue])).rows as Record<string, unknown>[];
  }

  it("makes the id of a job of the delivery's SHA-256, as a UUID of version 8", async () => {
    const { queue, openInbox } = openQueue(boss);
    const inbox = openInbox();
    const ids = ["a", "A", "a:b", "0", "~".repeat(255)];
    for (const id of ids) expect(await inbox.accept(createDelivery(id))).toBe("accepted");
    for (const id of ids) expect(await inbox.accept(createDelivery(id))).toBe("duplicate");
    for (const { id } of await readJobs(queue))
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it("keeps the bytes of a delivery that waits, and never the parsed event", async () => {
    const { queue, openInbox } = openQueue(boss);
    const delivery = createDelivery("a");
    await openInbox().accept(delivery);
    expect((await readJobs(queue))[0]?.["data"]).toEqual({
      v: 1,
      endpoint: "default",
      deliveryId: "a",
      type: "message.bounced",
      sentAt: delivery.sentAt.getTime(),
      body: Buffer.from(delivery.rawBody).toString("base64"),
    });
  });

  it("keeps what waits and what is dead for years, and what is handled for retentionSeconds", async () => {
    const { queue, openInbox } = openQueue(boss);
    // Somebody has created the queue with other defaults.
    await boss.createQueue(queue, { retentionSeconds: 1, deleteAfterSeconds: 1, retryLimit: 0 });
    const inbox = openInbox({ retentionSeconds: 50_000, maxAttempts: 1 });
    await inbox.accept(createDelivery("a"));
    const [waiting] = await readJobs(queue);
    expect(waiting).toMatchObject({ deletion_seconds: 50_000 });
    expect(Number(waiting?.["keep_until"])).toBeGreaterThan(Date.now() + 10 * YEAR_MS);
    const worker = new WorkerUnderTest(inbox, () => {
      throw new Error("poison");
    });
    await worker.ended(1);
    await worker.close();
    const [dead] = await readJobs(`${queue}-dead`);
    expect(Number(dead?.["keep_until"])).toBeGreaterThan(Date.now() + 10 * YEAR_MS);
    const [remembered] = await readJobs(queue);
    expect(Number(remembered?.["deletion_seconds"]) * 1000).toBeGreaterThan(10 * YEAR_MS);
    expect(remembered).toMatchObject({ state: "completed", data: { deliveryId: "a", body: "" } });
  });

  it("forgets the bytes of a discarded dead letter everywhere", async () => {
    const { queue, openInbox } = openQueue(boss);
    const inbox = openInbox({ maxAttempts: 1 });
    await inbox.accept(createDelivery("a"));
    const worker = new WorkerUnderTest(inbox, () => {
      throw new Error("poison");
    });
    await worker.ended(1);
    await worker.close();
    expect(await inbox.deadLetters.discard("all")).toBe(1);
    expect(await readJobs(`${queue}-dead`)).toEqual([]);
    expect(await readJobs(queue)).toMatchObject([{ data: { body: "" } }]);
  });

  it("does not complete a delivery that another worker has taken, and reports it once", async () => {
    const { queue, openInbox, expireLeases } = openQueue(boss);
    const gate = createGate();
    const onWarning = vi.fn();
    const inbox = openInbox({ onWarning, pollSeconds: 3600 });
    await inbox.accept(createDelivery("a"));
    const slow = new WorkerUnderTest(inbox, () => gate.passed);
    await slow.started(1);
    await expireLeases();
    const other = createGate();
    const next = new WorkerUnderTest(openInbox(), () => other.passed);
    await next.started(1);
    gate.open();
    await slow.until(() => slow.outcomes.length === 1);
    expect(slow.outcomes[0]).toMatchObject({ kind: "handled", storeError: { code: "store_unavailable" } });
    expect(await readJobs(queue)).toMatchObject([{ state: "active", retry_count: 1 }]);
    other.open();
    await next.ended(1);
    expect(next.outcomes[0]).toMatchObject({ kind: "handled", attempt: 2 });
    await Promise.all([slow.close(), next.close()]);
    expect(onWarning).not.toHaveBeenCalled();
  });

  it("does not wait for its next look at the queue while there is more, or a retry is due", async () => {
    const { openInbox } = openQueue(boss);
    const inbox = openInbox({ pollSeconds: 3600, concurrency: 2, backoffSeconds: () => 0.02 });
    const ids = Array.from({ length: 40 }, (_, index) => `delivery ${index}`);
    await Promise.all(ids.map((id) => inbox.accept(createDelivery(id))));
    const worker = new WorkerUnderTest(inbox, (_event, { attempt }) => {
      if (attempt === 1) throw new Error("not yet");
    });
    await worker.ended(40);
    await inbox.accept(createDelivery("one more"));
    await worker.ended(41);
    expect(worker.calls).toHaveLength(82);
    await worker.close();
  });

  it("does not let a handler that hangs hold up others", async () => {
    const { openInbox } = openQueue(boss);
    const inbox = openInbox({ pollSeconds: 3600, concurrency: 2 });
    for (const id of ["hangs", "b", "c", "d"]) await inbox.accept(createDelivery(id));
    const worker = new WorkerUnderTest(inbox, (_event, { deliveryId }) =>
      deliveryId === "hangs" ? new Promise(() => undefined) : undefined,
    );
    await worker.ended(3);
    await worker.close(0);
  });

  it("waits for backoffSeconds before the next attempt", async () => {
    const { queue, openInbox } = openQueue(boss);
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
    const [job] = await readJobs(queue);
    expect(job).toMatchObject({ state: "retry" });
    expect(job?.["due"]).toBeGreaterThan(3500);
    await worker.close();
  });

  it("obeys the maxAttempts of the worker, not that of the process that accepted", async () => {
    const { openInbox } = openQueue(boss);
    await openInbox({ maxAttempts: 1 }).accept(createDelivery("a"));
    const worker = new WorkerUnderTest(openInbox({ ...AT_ONCE, maxAttempts: 3 }), () => {
      throw new Error("out of order");
    });
    await worker.ended(1);
    expect(worker.outcomes.map(({ kind }) => kind)).toEqual(["failed", "failed", "dead"]);
    await worker.close();
  });

  it("keeps errors that PostgreSQL would refuse in JSON", async () => {
    const inbox = openQueue(boss).openInbox({ ...AT_ONCE, maxAttempts: 2 });
    await inbox.accept(createDelivery("a"));
    const worker = new WorkerUnderTest(inbox, () => {
      throw new Error("half \ud800 and NUL \u0000 of a subject");
    });
    await worker.ended(1);
    expect(worker.outcomes.map(({ kind }) => kind)).toEqual(["failed", "dead"]);
    const [letter] = await inbox.deadLetters.list();
    expect(letter?.error).toContain("of a subject");
    expect(await inbox.deadLetters.replay(letter?.id ?? "")).toBe(1);
    await worker.close();
  });

  it("accepts a delivery in a transaction of yours, or not at all", async () => {
    const { queue, openInbox } = openQueue(boss);
    const client = new Client({ connectionString: server.url });
    await client.connect();
    onTestFinished(() => client.end());
    const db = { executeSql: (text: string, values?: unknown[]) => client.query(text, values) };
    const inbox = openInbox({ db: () => db });
    await inbox.ready();
    await client.query("BEGIN");
    expect(await inbox.accept(createDelivery("a"))).toBe("accepted");
    await client.query("ROLLBACK");
    expect(await readJobs(queue)).toEqual([]);
    await client.query("BEGIN");
    expect(await inbox.accept(createDelivery("a"))).toBe("accepted");
    await client.query("COMMIT");
    expect(await readJobs(queue)).toHaveLength(1);
  });

  it("rejects a delivery in time when PostgreSQL is away, and continues when it is back", async () => {
    const own = await startPostgres();
    onTestFinished(() => own.stop());
    const ownBoss = await startBoss(own.url);
    onTestFinished(() => ownBoss.stop({ graceful: false }));
    const { openInbox } = openQueue(ownBoss);
    const inbox = openInbox({ onWarning: () => undefined });
    await inbox.accept(createDelivery("a"));
    await own.kill();
    const worker = new WorkerUnderTest(inbox);
    await expect(inbox.accept(createDelivery("b"))).rejects.toThrow(Error);
    await own.start();
    await worker.ended(1);
    expect(worker.ids).toEqual(["a"]);
    await worker.close();
  }, 60_000);

  it("rejects a delivery after acceptTimeoutSeconds without an answer", async () => {
    const { openInbox } = openQueue(boss);
    const hanging = { executeSql: () => new Promise<never>(() => undefined) };
    const inbox = openInbox({ db: () => hanging, acceptTimeoutSeconds: 0.05 });
    await openInbox().ready();
    await inbox.ready();
    await expect(inbox.accept(createDelivery("a"))).rejects.toThrow("No answer within 50 ms");
  });

  it("warns when an error of pg-boss would end the process", async () => {
    const silent = new PgBoss({ connectionString: server.url, supervise: false, schedule: false });
    await silent.start();
    onTestFinished(() => silent.stop({ graceful: false }));
    const onWarning = vi.fn();
    await openQueue(silent).openInbox({ onWarning }).ready();
    expect(onWarning).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('add boss.on("error"'));
    onWarning.mockClear();
    await openQueue(boss).openInbox({ onWarning }).ready();
    expect(onWarning).not.toHaveBeenCalled();
  });

  it("refuses a queue of another policy", async () => {
    const { queue, openInbox } = openQueue(boss);
    await boss.createQueue(queue, { policy: "singleton" });
    await expect(openInbox().ready()).rejects.toThrow(
      /exists with another policy than standard, .*: set the option queue to another name\.$/,
    );
  });

  it("refuses a queue that was created without an order, and the other way round", async () => {
    const { openInbox } = openQueue(boss);
    await openInbox().ready();
    const ordered = openInbox({ orderingKey: () => "key" });
    await expect(ordered.ready()).rejects.toThrow(
      /another policy than key_strict_fifo, which depends on orderingKey/,
    );
  });

  it("is not busy while deliveries wait behind one that waits for its retry", async () => {
    const { openInbox, queue } = openQueue(boss);
    const inbox = openInbox({ orderingKey: () => "key", backoffSeconds: () => 3600 });
    for (const id of ["poison", "behind"])
      await inbox.accept(createDelivery(id, { orderingKey: "key\u0000" }));
    const worker = new WorkerUnderTest(inbox, () => {
      throw new Error("poison");
    });
    await worker.until(() => worker.outcomes.length === 1);
    await worker.close();
    const settings = {
      queue,
      schema: "pgboss",
      heartbeatSeconds: 30,
      retentionSeconds: 50_000,
      isOrdered: true,
    };
    const queues = new BossQueue(boss, settings);
    await queues.create();
    const options = {
      settings: resolveInboxOptions({}),
      heartbeatSeconds: 30,
      pollMs: 1,
      onWarning: () => undefined,
    };
    const table = new BossTable(queues, { ...options, ready: () => Promise.resolve() });
    expect(await table.take(8)).toEqual([]);
    expect(await table.nextDueInMs()).toBeGreaterThan(3_500_000);
  });

  it("keeps the ordering key of a dead letter for its replay", async () => {
    const { openInbox } = openQueue(boss);
    const inbox = openInbox({ orderingKey: () => "key", concurrency: 2 });
    await inbox.accept(createDelivery("dead", { orderingKey: "key" }));
    const first = new WorkerUnderTest(inbox, () => {
      throw Object.assign(new Error("poison"), { name: "PermanentError" });
    });
    await first.ended(1);
    await first.close();
    await inbox.accept(createDelivery("next", { orderingKey: "key" }));
    await inbox.deadLetters.replay("all");
    let running = 0;
    const worker = new WorkerUnderTest(inbox, async () => {
      running += 1;
      await new Promise((resolve) => setImmediate(resolve));
      expect(running).toBe(1);
      running -= 1;
    });
    await worker.ended(2);
    expect(worker.ids).toEqual(["next", "dead"]);
    expect(worker.outcomes.map(({ kind }) => kind)).toEqual(["handled", "handled"]);
    await worker.close();
  });

  it("leaves a queue alone that contains jobs of something else, until they are gone", async () => {
    const { queue, openInbox } = openQueue(boss);
    await boss.createQueue(queue);
    await boss.send(queue, { image: 7 });
    const gate = createGate();
    const inbox = openInbox({ onWarning: () => gate.open() });
    await expect(inbox.accept(createDelivery("a"))).rejects.toThrow("contains jobs of something else");
    const worker = new WorkerUnderTest(inbox);
    await gate.passed;
    expect(await readJobs(queue)).toMatchObject([{ state: "created" }]);
    await boss.deleteAllJobs(queue);
    await inbox.accept(createDelivery("a"));
    await worker.ended(1);
    expect(worker.ids).toEqual(["a"]);
    await worker.close();
  });

  it("never calls a handler with a foreign job that arrives later", async () => {
    const { queue, openInbox } = openQueue(boss);
    const gate = createGate();
    const inbox = openInbox({ onWarning: () => gate.open() });
    await inbox.ready();
    await boss.send(queue, { image: 7 });
    const worker = new WorkerUnderTest(inbox);
    await gate.passed;
    await inbox.accept(createDelivery("a"));
    await worker.ended(1);
    expect(worker.ids).toEqual(["a"]);
    await worker.close();
  });

  it("is operated beside its workers without options, and nothing is created by a look", async () => {
    const { queue, openInbox } = openQueue(boss);
    const admin = pgBossInboxAdmin(boss, { queue });
    await expect(admin.stats()).rejects.toThrow(/set the options queue and schema to those of the inbox\.$/);
    await expect(admin.deadLetters.replay("all")).rejects.toThrow(`no queues ${queue} and ${queue}-dead`);
    expect(await boss.getQueue(queue)).toBeNull();
    const orderingKey = () => "customer";
    const inbox = openInbox({ maxAttempts: 1, heartbeatSeconds: 77, retentionSeconds: 50_000, orderingKey });
    await inbox.accept(createDelivery("a", { orderingKey: "customer" }));
    const worker = new WorkerUnderTest(inbox, () => {
      throw new Error("out of order");
    });
    await worker.ended(1);
    await worker.close();
    expect(await admin.stats()).toMatchObject({ waiting: 0, deadLetters: 1 });
    const [letter] = await admin.deadLetters.list();
    expect(await admin.deadLetters.replay(letter!.id)).toBe(1);
    expect(await admin.stats()).toMatchObject({ waiting: 1, deadLetters: 0 });
    const [job] = await boss.findJobs(queue, { id: letter!.id });
    expect(job).toMatchObject({ heartbeatSeconds: 77, deleteAfterSeconds: 50_000 });
    expect(job?.singletonKey).toMatch(/^[0-9a-f]{64}$/);
  });

  it("works in another schema", async () => {
    const other = new PgBoss({
      connectionString: server.url,
      schema: "other",
      supervise: false,
      schedule: false,
    });
    other.on("error", () => undefined);
    await other.start();
    onTestFinished(() => other.stop({ graceful: false }));
    const inbox = pgBossInbox(other, { schema: "other", queue: "mail" });
    await inbox.accept(createDelivery("a"));
    expect(await inbox.stats()).toMatchObject({ waiting: 1 });
    const worker = new WorkerUnderTest(inbox);
    await worker.ended(1);
    await worker.close();
  });

  it.each([
    ["does not exist", "nowhere"],
    ["is that of another pg-boss without the queue", "pgboss"],
    ["is that of another pg-boss with a queue of that name", "pgboss"],
  ])("refuses a schema that %s, with the cure", async (situation, schema) => {
    const own = new PgBoss({
      connectionString: server.url,
      schema: "own",
      supervise: false,
      schedule: false,
    });
    own.on("error", () => undefined);
    await own.start();
    onTestFinished(() => own.stop({ graceful: false }));
    const { queue, openInbox } = openQueue(boss);
    if (situation.endsWith("of that name")) await openInbox().ready();
    const inbox = pgBossInbox(own, { queue, schema });
    await expect(inbox.accept(createDelivery("a"))).rejects.toThrow(
      `is not in the schema ${schema}: set the option schema to that of PgBoss.`,
    );
    const admin = pgBossInboxAdmin(own, { queue, schema });
    await expect(admin.deadLetters.list()).rejects.toThrow("set the option schema to that of PgBoss.");
    expect(await pgBossInbox(own, { queue, schema: "own" }).accept(createDelivery("a"))).toBe("accepted");
  });

  it("carries deliveries from a receiver that does not work to a worker of its own", async () => {
    const { openInbox } = openQueue(boss);
    const on = { "message.bounced": vi.fn() };
    const receiver = createReceiver({ secret, on, store: openInbox(), work: false });
    const attempt = { method: "POST", ...signDelivery({ secret, event: createEvent("message.bounced") }) };
    const post = async () => (await receiver.fetch(new Request("http://localhost/", attempt))).status;
    expect([await post(), await post()]).toEqual([204, 204]);
    expect(on["message.bounced"]).not.toHaveBeenCalled();
    const gate = createGate();
    const worker = createWorker({ on, store: openInbox(), onOutcome: () => gate.open() });
    await gate.passed;
    expect(on["message.bounced"]).toHaveBeenCalledTimes(1);
    await Promise.all([worker.close(), receiver.close()]);
  });

  it("hands a delivery to the next worker after a SIGKILL, and makes a dead letter of one that kills every worker", async () => {
    const { queue, openInbox, expireLeases } = openQueue(boss);
    const inbox = openInbox();
    await inbox.accept(createDelivery("killer"));
    for (const attempt of [1, 2]) {
      const program = Program.start(fileURLToPath(new URL("killed-worker.mjs", import.meta.url)), {
        DATABASE_URL: server.url,
        QUEUE: queue,
      });
      expect(await program.line(({ msg }) => msg === "started")).toMatchObject({ attempt });
      program.signal("SIGKILL");
      await program.ended();
      await expireLeases();
    }
    const gate = createGate();
    const worker = new WorkerUnderTest(openInbox({ maxAttempts: 2, onWarning: () => gate.open() }));
    await gate.passed;
    expect(worker.calls).toEqual([]);
    const [letter] = await inbox.deadLetters.list();
    expect(letter).toMatchObject({ deliveryId: "killer", attempts: 2 });
    expect(letter?.error).toContain("has ended its worker");
    expect(await inbox.deadLetters.replay("all")).toBe(1);
    await worker.ended(1);
    expect(worker.calls).toMatchObject([{ deliveryId: "killer", attempt: 1 }]);
    await worker.close();
  });

  it.each([Number.NaN, Infinity, 1.5, 0, -3, "2"])("refuses to list dead letters up to %s", async (limit) => {
    const { deadLetters } = pgBossInbox(boss);
    await expect(deadLetters.list({ limit: limit as number })).rejects.toThrow(
      new TypeError("limit must be a whole number above 0."),
    );
  });

  it.each([
    [
      { concurrency: { "message.routing": 1 } },
      /concurrency by event type is not supported .*: pass a number/,
    ],
    [{ handlerTimeoutSeconds: 86_400 }, /handlerTimeoutSeconds must be less than 86400/],
    [{ heartbeatSeconds: 9 }, /heartbeatSeconds must be a whole number from 10/],
    [{ acceptTimeoutSeconds: 0 }, /acceptTimeoutSeconds must be a number above 0/],
    [{ pollSeconds: Number.NaN }, /pollSeconds must be a number above 0/],
    [{ queue: "a; b" }, /queue must be a name of letters/],
    [{ schema: 'pg"boss' }, /schema must be a name of letters/],
    [{ concurency: 1 }, /concurency is not an option: did you mean concurrency\?$/],
    [{ onWarning: "console" }, /onWarning must be a function/],
  ])("refuses options that pg-boss cannot fulfil: %o", (options, message) => {
    const create = () => pgBossInbox(boss, options as PgBossInboxOptions);
    expect(create).toThrow(TypeError);
    expect(create).toThrow(message);
  });

  it("refuses what is not a PgBoss", () => {
    expect(() => pgBossInbox({} as never)).toThrow(/pass new PgBoss\(connectionString\)\.$/);
    expect(() => pgBossInbox(undefined as never)).toThrow(TypeError);
    // As that of pg-boss 10 to 12.20, which npm installs if the range of the peer is overruled.
    const older = Object.assign(new PgBoss({ connectionString: "postgres://127.0.0.1" }), {
      update: undefined,
    });
    expect(() => pgBossInbox(older)).toThrow(/12\.38 or newer: .*pass new PgBoss\(connectionString\)\.$/);
  });
});
