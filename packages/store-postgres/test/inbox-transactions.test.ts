import { hasPostgres, required, startPostgres } from "@ahasend-webhooks/harness";
import { sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { type PostgresInboxOptions, fromDrizzle } from "../src/index.js";
import { type SharedServer, createOwnDatabase, newSchema, openPool } from "./database.js";
import { type InboxHandler, createDelivery, createGate, startWorker } from "./inbox-worker.js";
import { openInbox } from "./open-inbox.js";

const AT_ONCE = { backoffSeconds: () => 0, pollIntervalSeconds: 0.05 };

describe.skipIf(!required("PostgreSQL", hasPostgres()))("an inbox in transaction mode", () => {
  let server: SharedServer;
  let pool: pg.Pool;
  beforeAll(async () => {
    server = await createOwnDatabase();
    pool = new pg.Pool({ connectionString: server.url, max: 20 });
    await pool.query("CREATE TABLE effects (inbox text, delivery text)");
  });
  afterAll(async () => {
    await pool.end();
  });

  /** Opens an inbox whose handler writes an effect first, and runs it for one delivery. */
  const run = async (handler: InboxHandler, options: PostgresInboxOptions & { on?: pg.Pool } = {}) => {
    const { on = pool, schema = newSchema(), ...rest } = options;
    const inbox = await openInbox(on, { ...AT_ONCE, ...rest, schema });
    const worker = startWorker(inbox, async (event, context) => {
      await context.client.query("INSERT INTO effects VALUES ($1, $2)", [schema, context.deliveryId]);
      return handler(event, context);
    });
    await inbox.accept(createDelivery("a"));
    const countEffects = async () => {
      const count = "SELECT count(*)::int AS effects FROM effects WHERE inbox = $1";
      return (await pool.query<{ effects: number }>(count, [schema])).rows[0]!.effects;
    };
    return { inbox, schema, countEffects, ...worker };
  };

  it("rolls back what a handler has written before it threw", async () => {
    const { reported, kinds, countEffects } = await run((_event, { attempt }) => {
      if (attempt < 3) throw new Error("not yet");
    });
    await reported(3);
    expect(kinds()).toEqual(["failed", "failed", "handled"]);
    expect(await countEffects()).toBe(1);
  });

  it.each<[string, InboxHandler]>([
    [
      "swallowed an error of the database",
      (_event, { client }) => client.query("SELECT 1 / 0").catch(() => undefined),
    ],
    ["ended the transaction", (_event, { client }) => client.query("COMMIT").catch(() => undefined)],
    [
      "violates a deferred constraint",
      async (_event, { client }) => {
        await client.query(
          "CREATE TEMP TABLE unique_effects (name text UNIQUE DEFERRABLE INITIALLY DEFERRED) ON COMMIT DROP",
        );
        await client.query("INSERT INTO unique_effects VALUES ('a'), ('a')");
      },
    ],
    [
      "lost its connection",
      (_event, { client }) =>
        client.query("SELECT pg_terminate_backend(pg_backend_pid())").catch(() => undefined),
    ],
  ])("does not count a delivery as handled if the handler %s", async (_what, fault) => {
    const { inbox, reported, outcomes, kinds, countEffects } = await run(
      (event, context) => (context.attempt === 1 ? fault(event, context) : undefined),
      { onWarning: () => undefined },
    );
    await reported(2);
    expect(kinds()).toEqual(["failed", "handled"]);
    expect(outcomes[0]!.storeError).toBeUndefined();
    expect(await countEffects()).toBe(1);
    expect((await inbox.stats()).active).toBe(0);
  });

  it("makes a dead letter that says what is wrong if the handler always swallows an error of the database", async () => {
    const { inbox, reported, kinds, countEffects } = await run(
      (_event, { client }) => client.query("SELECT 1 / 0").catch(() => undefined),
      { maxAttempts: 2 },
    );
    await reported(2);
    expect(kinds()).toEqual(["failed", "dead"]);
    expect(await countEffects()).toBe(0);
    const [letter] = await inbox.deadLetters.list();
    expect(letter).toMatchObject({
      attempts: 2,
      error: expect.stringContaining("use a savepoint") as string,
    });
  });

  it("finds out that a COMMIT whose result was lost has been kept", async () => {
    const wrap = (client: pg.PoolClient) =>
      new Proxy(client, {
        get(target, property) {
          const value: unknown = Reflect.get(target, property, target);
          if (typeof value !== "function") return value;
          return async (...args: unknown[]): Promise<unknown> => {
            const result: unknown = await Reflect.apply(value, target, args);
            const text = (args[0] as { text?: string } | undefined)?.text ?? "";
            if (property === "query" && text.endsWith("; COMMIT")) throw new Error("read ECONNRESET");
            return result;
          };
        },
      });
    const losing = new Proxy(pool, {
      get(target, property) {
        const value: unknown = Reflect.get(target, property, target);
        if (property === "connect") return async () => wrap(await target.connect());
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    });
    const { reported, outcomes, countEffects, inbox } = await run(() => undefined, { on: losing });
    await reported(1);
    expect(outcomes).toMatchObject([{ kind: "handled", attempt: 1 }]);
    expect(outcomes[0]!.storeError).toBeUndefined();
    expect(await countEffects()).toBe(1);
    expect(await inbox.stats()).toMatchObject({ waiting: 0, active: 0, deadLetters: 0 });
  });

  it("waits for a handler whose connection was lost, and counts a failed attempt", async () => {
    const finish = createGate();
    const { reported, outcomes, kinds, inbox, countEffects } = await run(
      async (_event, { client, attempt, deliveryId }) => {
        if (deliveryId === "b" || attempt > 1) return;
        const ended = new Promise((resolve) => client.once("end", resolve));
        await ended;
        await finish.opened;
      },
      { idleTimeoutSeconds: 0.05, onWarning: () => undefined },
    );
    await inbox.accept(createDelivery("b"));
    await reported(1);
    expect(outcomes).toMatchObject([{ deliveryId: "b", kind: "handled" }]);
    finish.open();
    await reported(3);
    expect(kinds()).toEqual(["handled", "failed", "handled"]);
    expect(await countEffects()).toBe(2);
  });

  it("stops a handler that left its transaction idle for too long, and names the cure", async () => {
    const reasons: unknown[] = [];
    const { reported, outcomes, inbox } = await run(
      async (_event, { signal }) => {
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        reasons.push(signal.reason);
      },
      { idleTimeoutSeconds: 0.05, maxAttempts: 2 },
    );
    await reported(2);
    const cure = /^PostgreSQL ended the transaction.*raise idleTimeoutSeconds, or use mode: "lease"/;
    const cause: unknown = expect.objectContaining({ message: expect.stringMatching(cure) as string });
    const error: unknown = expect.objectContaining({
      message: expect.stringContaining("could not be committed") as string,
      cause,
    });
    expect(outcomes).toMatchObject([
      { kind: "failed", error },
      { kind: "dead", error },
    ]);
    expect(reasons).toEqual([cause, cause]);
    const [letter] = await inbox.deadLetters.list();
    expect(letter?.error).toContain("raise idleTimeoutSeconds");
  });

  it("keeps a delivery from others while its transaction is open, even when the lease has ended", async () => {
    const schema = newSchema();
    let time = 1_784_041_401_000;
    const now = () => time;
    const [started, finish] = [createGate(), createGate()];
    const slow = await run(
      () => {
        started.open();
        return finish.opened;
      },
      // Busy with one, it leaves the next to the other worker.
      { schema, now, concurrency: 1 },
    );
    await started.opened;
    time += 3_600_000;
    const other = await openInbox(pool, { ...AT_ONCE, schema, now });
    const { outcomes, reported } = startWorker(other, () => undefined);
    await other.accept(createDelivery("b"));
    await reported(1);
    const batch = ["c", "a", "d"].map((deliveryId) => other.accept(createDelivery(deliveryId)));
    expect(await Promise.all(batch)).toEqual(["accepted", "duplicate", "accepted"]);
    await reported(3);
    finish.open();
    await slow.reported(1);
    expect(slow.outcomes).toMatchObject([{ kind: "handled", deliveryId: "a", attempt: 1 }]);
    expect(
      outcomes
        .map(({ deliveryId }) => deliveryId)
        .toSorted((one = "", other = "") => one.localeCompare(other)),
    ).toEqual(["b", "c", "d"]);
    expect(await slow.countEffects()).toBe(1);
  });

  it("rolls back running handlers when the worker closes, so that the pool can end", async () => {
    const own = new pg.Pool({ connectionString: server.url });
    const started = createGate();
    const { worker, countEffects } = await run(
      () => {
        started.open();
        return new Promise(() => undefined);
      },
      { on: own },
    );
    await started.opened;
    await worker.close({ timeoutSeconds: 0 });
    await own.end();
    expect(await countEffects()).toBe(0);
  });

  it("keeps each effect once when the server crashes while handlers run", async () => {
    const own = await startPostgres();
    try {
      const crashing = openPool(own);
      const options = { ...AT_ONCE, leaseSeconds: 1, maxAttempts: 1000, concurrency: 4 };
      const inbox = await openInbox(crashing, { ...options, onWarning: () => undefined });
      await crashing.query("CREATE TABLE effects (delivery text)");
      const ids = Array.from({ length: 60 }, (_, index) => `delivery ${index}`);
      await Promise.all(ids.map((deliveryId) => inbox.accept(createDelivery(deliveryId))));
      const { reported, worker } = startWorker(inbox, (_event, { client, deliveryId }) =>
        client.query("INSERT INTO effects VALUES ($1)", [deliveryId]),
      );
      for (const count of [10, 30]) {
        await reported(count);
        await own.kill();
        await own.start();
      }
      await vi.waitFor(
        async () => expect(await inbox.stats()).toMatchObject({ waiting: 0, active: 0 }),
        20_000,
      );
      await worker.close();
      const { rows } = await crashing.query<{ delivery: string }>("SELECT delivery FROM effects");
      expect(rows.map(({ delivery }) => delivery).toSorted()).toEqual(ids.toSorted());
    } finally {
      await own.stop();
    }
  });

  it.each([
    ["a pool", (own: pg.Pool) => own],
    ["an executor", (own: pg.Pool) => fromDrizzle(drizzle({ client: own }), sql)],
  ])("counts no attempt while the handlers of %s hold all connections", async (_what, connect) => {
    const own = openPool(server, { max: 2, connectionTimeoutMillis: 100 });
    const warnings: string[] = [];
    const inbox = await openInbox(connect(own) as pg.Pool, {
      ...AT_ONCE,
      schema: newSchema(),
      leaseSeconds: 1,
      maxAttempts: 1,
      onWarning: (warning) => warnings.push(warning),
    });
    const ids = ["a", "b", "c", "d"];
    for (const deliveryId of ids) await inbox.accept(createDelivery(deliveryId));
    const finish = createGate();
    const { reported, outcomes } = startWorker(inbox, () => finish.opened);
    const cure =
      /could not begin.*raise max of the pool or lower concurrency\. .*timeout exceeded when trying to connect/s;
    await vi.waitFor(() => expect(warnings).toContainEqual(expect.stringMatching(cure)));
    // Four failed renewals are longer than the lease.
    const countRenewals = () =>
      warnings.filter((warning) => warning.startsWith("The deliveries that are")).length;
    await vi.waitUntil(() => countRenewals() >= 4, { timeout: 10_000 });
    finish.open();
    await reported(4);
    expect(outcomes.map(({ kind, attempt }) => ({ kind, attempt }))).toEqual(
      ids.map(() => ({ kind: "handled", attempt: 1 })),
    );
    expect(await inbox.stats()).toMatchObject({ waiting: 0, active: 0, deadLetters: 0 });
  });

  it("closes at once while no handler can start because the server is away", async () => {
    const refuse = () => Promise.reject(new Error("connect ECONNREFUSED"));
    const away = new Proxy(pool, {
      get(target, property) {
        const value: unknown = Reflect.get(target, property, target);
        if (property === "connect") return refuse;
        if (property !== "query")
          return typeof value === "function" ? (value.bind(target) as unknown) : value;
        return (query: pg.QueryConfig) =>
          query.text.includes("attempts - 1") ? refuse() : target.query(query);
      },
    });
    const onWarning = vi.fn();
    const { worker, inbox } = await run(() => undefined, { on: away, onWarning });
    await vi.waitFor(() => expect(onWarning).toHaveBeenCalledWith(expect.stringContaining("ECONNREFUSED")));
    await worker.close({ timeoutSeconds: 3600 });
    expect(await inbox.stats()).toMatchObject({ waiting: 0, active: 1 });
  });

  it.each([
    { max: 8, concurrency: 8, warns: true },
    { max: 9, concurrency: 8, warns: false },
    { max: 3, concurrency: { "*": 2, "message.opened": 1 }, warns: true },
    { max: 8, concurrency: 8, mode: "lease", warns: false },
  ] as const)("warns of a pool that its handlers use up: %j", async ({ max, warns, ...options }) => {
    const onWarning = vi.fn();
    const inbox = await openInbox(openPool(server, { max }), { ...options, schema: newSchema(), onWarning });
    startWorker(inbox, () => undefined);
    const cure: unknown = expect.stringMatching(/set max of the pool above \d, or lower concurrency\.$/);
    expect(onWarning.mock.calls).toEqual(warns ? [[cure]] : []);
  });

  it("handles deliveries with a pool of one connection", async () => {
    const { reported, kinds, inbox, countEffects } = await run(() => undefined, {
      on: openPool(server, { max: 1 }),
      onWarning: () => undefined,
    });
    await Promise.all(["b", "c", "d"].map((deliveryId) => inbox.accept(createDelivery(deliveryId))));
    await reported(4);
    expect(kinds()).toEqual(["handled", "handled", "handled", "handled"]);
    expect(await countEffects()).toBe(4);
  });
});
