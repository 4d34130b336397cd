import { hasPostgres, required } from "@ahasend-webhooks/harness";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";

import { type PoolLike, type PostgresInboxOptions, postgresInbox } from "../src/index.js";
import { type SharedServer, createOwnDatabase, newSchema, openPool } from "./database.js";
import { createDelivery, createGate, startWorker } from "./inbox-worker.js";
import { openInbox } from "./open-inbox.js";

const id = pg.escapeIdentifier;
const AT_ONCE = { backoffSeconds: () => 0, pollIntervalSeconds: 0.05 };
const WEEK_MS = 604_800_000;

/** Runs a worker that ends amid an attempt, as in a crash. */
async function crashDuringAttempt(inbox: Parameters<typeof startWorker>[0]): Promise<void> {
  const started = createGate();
  const { worker } = startWorker(inbox, () => {
    started.open();
    return new Promise(() => undefined);
  });
  await started.opened;
  await worker.close({ timeoutSeconds: 0 });
}

describe.skipIf(!required("PostgreSQL", hasPostgres()))("the workers of an inbox", () => {
  let server: SharedServer;
  let pool: pg.Pool;
  beforeAll(async () => {
    server = await createOwnDatabase();
    pool = new pg.Pool({ connectionString: server.url, max: 20 });
  });
  afterAll(async () => {
    await pool.end();
  });

  /** Opens an inbox as often as a test needs it, with a clock of its own. */
  const create = (common: PostgresInboxOptions = {}) => {
    const schema = newSchema();
    let time = 1_784_041_401_000;
    const warnings: string[] = [];
    return {
      warnings,
      advance: (ms: number) => void (time += ms),
      open: (options: PostgresInboxOptions = {}, on = pool) =>
        openInbox(on, {
          ...AT_ONCE,
          ...common,
          ...options,
          schema,
          now: () => time,
          onWarning: (warning) => warnings.push(warning),
        }),
      readRow: async (deliveryId: string) => {
        const sql = `SELECT state, body, error FROM ${id(schema)}.ahasend_inbox WHERE delivery_id = $1`;
        return (await pool.query(sql, [deliveryId])).rows[0] as unknown;
      },
    };
  };

  describe.each(["transaction", "lease"] as const)("in %s mode", (mode) => {
    it("delete the body of what is handled, remember it, and sweep it after its retention", async () => {
      const { open, advance, readRow } = create({ mode });
      const inbox = await open();
      await inbox.accept(createDelivery("a"));
      const { reported } = startWorker(inbox, (_event, { attempt }) => {
        if (attempt === 1) throw new Error("secret");
      });
      await reported(2);
      expect(await readRow("a")).toEqual({ state: "done", body: null, error: null });
      advance(WEEK_MS - 1);
      expect(await inbox.sweep()).toBe(0);
      expect(await inbox.accept(createDelivery("a"))).toBe("duplicate");
      advance(1);
      expect(await inbox.sweep()).toBe(1);
      expect(await inbox.accept(createDelivery("a"))).toBe("accepted");
      await reported(4);
    });

    it("never sweep what waits or is a dead letter", async () => {
      const { open, advance } = create({ mode, maxAttempts: 1 });
      const inbox = await open();
      await inbox.accept(createDelivery("dead"));
      const { reported, worker } = startWorker(inbox, () => {
        throw new Error("no");
      });
      await reported(1);
      await worker.close();
      await inbox.accept(createDelivery("waiting"));
      advance(10 * WEEK_MS);
      expect(await inbox.sweep()).toBe(0);
      expect(await inbox.stats()).toMatchObject({ waiting: 1, deadLetters: 1 });
    });

    it("make a dead letter of a delivery during whose last attempt a worker crashed", async () => {
      const { open, advance, warnings } = create({ mode, maxAttempts: 1 });
      const inbox = await open();
      await inbox.accept(createDelivery("a"));
      await crashDuringAttempt(inbox);
      advance(30_001);
      const next = await open();
      const { outcomes, reported } = startWorker(next, () => undefined);
      await next.accept(createDelivery("b"));
      await reported(1);
      expect(outcomes).toMatchObject([{ deliveryId: "b", kind: "handled" }]);
      expect(await next.deadLetters.list()).toMatchObject([
        {
          deliveryId: "a",
          attempts: 1,
          error: "No worker has finished attempt 1, the last one: it crashed or hung.",
        },
      ]);
      expect(warnings).toContainEqual(expect.stringMatching(/^A delivery has become a dead letter\./));
    });

    it("handle what they have taken together with a delivery that could not be made a dead letter", async () => {
      const { open, advance, warnings } = create({ mode, maxAttempts: 1 });
      const inbox = await open();
      await inbox.accept(createDelivery("a"));
      await crashDuringAttempt(inbox);
      advance(30_001);
      const full = new Proxy(pool, {
        get(target, property) {
          const value: unknown = Reflect.get(target, property, target);
          if (property !== "query")
            return typeof value === "function" ? (value.bind(target) as unknown) : value;
          return (query: pg.QueryConfig) =>
            query.values?.includes("dead") === true
              ? Promise.reject(new Error("could not extend file"))
              : target.query(query);
        },
      });
      const next = await open({}, full);
      await next.accept(createDelivery("b"));
      const { outcomes, reported } = startWorker(next, () => undefined);
      await reported(1);
      expect(outcomes).toMatchObject([{ deliveryId: "b", kind: "handled", attempt: 1 }]);
      expect(warnings).toContainEqual(expect.stringMatching(/could not be made a dead letter.*extend file/));
    });

    it("keep the order of each key across processes, past failures", async () => {
      const { open } = create({ mode, concurrency: 4, maxAttempts: 100 });
      const inboxes = await Promise.all([1, 2, 3].map(() => open({}, openPool(server))));
      const keys = ["one", "two", "three"];
      const ids = Array.from({ length: 60 }, (_, index) => `${keys[index % 3]} ${index}`);
      for (const own of ids) {
        await inboxes[0]!.accept(createDelivery(own, { orderingKey: own.split(" ")[0] }));
      }
      const running = new Set<string>();
      const handled: string[] = [];
      const overlaps: string[] = [];
      const workers = inboxes.map((inbox, worker) =>
        startWorker(inbox, async (_event, { deliveryId, attempt }) => {
          const [key = "", index = ""] = deliveryId.split(" ");
          if (running.has(key)) overlaps.push(deliveryId);
          running.add(key);
          await new Promise((resolve) => setImmediate(resolve));
          running.delete(key);
          if ((Number(index) + attempt + worker) % 3 === 0) throw new Error("not yet");
          handled.push(deliveryId);
        }),
      );
      const outcomes = () => workers.flatMap((worker) => worker.outcomes);
      const isDone = () => outcomes().filter(({ kind }) => kind === "handled").length === ids.length;
      await vi.waitUntil(isDone, { timeout: 25_000, interval: 20 });
      expect(overlaps).toEqual([]);
      for (const key of keys) {
        const ofKey = (list: string[]) => list.filter((own) => own.startsWith(key));
        expect(ofKey(handled)).toEqual(ofKey(ids));
      }
      expect(new Set(outcomes().map(({ storeError }) => storeError))).toEqual(new Set([undefined]));
    });

    it("handle what other processes accept, without being woken", async () => {
      const { open } = create({ mode });
      const { reported } = startWorker(await open(), () => undefined);
      await (await open()).accept(createDelivery("a"));
      await reported(1);
    });

    it("can start again after they were closed", async () => {
      const { open } = create({ mode });
      const inbox = await open();
      await startWorker(inbox, () => undefined).worker.close();
      const { reported } = startWorker(inbox, () => undefined);
      await inbox.accept(createDelivery("a"));
      await reported(1);
    });
  });

  it.each(["transaction", "lease"] as const)(
    "ignore the type parsers of the application in %s mode, but not in its handlers",
    async (mode) => {
      const types: pg.CustomTypesConfig = {
        getTypeParser: (oid: number) => (value: string) => ({ oid, value }),
      };
      const custom = openPool(server, { types });
      const inbox = await create({ mode, maxAttempts: 1 }).open({}, custom);
      const rawBody = Buffer.from('{"type":"message.opened","data":{"name":"Žofie"}}');
      expect(await inbox.accept(createDelivery("a", { rawBody }))).toBe("accepted");
      const parsed: unknown[] = [];
      const { reported, kinds, worker } = startWorker(inbox, async (_event, context) => {
        const result = await (mode === "lease" ? custom : context.client).query("SELECT 1 AS one");
        parsed.push(Buffer.from(context.rawBody).equals(rawBody), ...result.rows);
        if (parsed.length > 2) throw new Error("no");
      });
      await reported(1);
      expect(await inbox.accept(createDelivery("a"))).toBe("duplicate");
      await inbox.accept(createDelivery("b", { rawBody }));
      await reported(2);
      expect(kinds()).toEqual(["handled", "dead"]);
      expect(parsed).toEqual([
        true,
        { one: { oid: 23, value: "1" } },
        true,
        { one: { oid: 23, value: "1" } },
      ]);
      await worker.close();
      const [letter] = await inbox.deadLetters.list();
      expect((await inbox.deadLetters.inspect(letter!.id))?.rawBody).toEqual(new Uint8Array(rawBody));
    },
  );

  it("handle what they were taking when they were closed", async () => {
    const { open } = create();
    const [taking, resume] = [createGate(), createGate()];
    const slow = new Proxy(pool, {
      get(target, property) {
        const value: unknown = Reflect.get(target, property, target);
        if (typeof value !== "function") return value;
        if (property !== "query") return value.bind(target) as unknown;
        return async (query: pg.QueryConfig) => {
          const result = await target.query(query);
          if (!query.text.includes("SET state = 'active'") || result.rows.length === 0) return result;
          taking.open();
          await resume.opened;
          return result;
        };
      },
    });
    const inbox = await open({}, slow);
    await inbox.accept(createDelivery("a"));
    const { worker, kinds } = startWorker(inbox, () => undefined);
    await taking.opened;
    const closed = worker.close();
    resume.open();
    await closed;
    expect(kinds()).toEqual(["handled"]);
  });

  it.each(["transaction", "lease"] as const)(
    "repeat statements that collide in %s mode if the database isolates transactions strictly",
    async (mode) => {
      const warnings: string[] = [];
      const onWarning = (warning: string) => warnings.push(warning);
      const common = { ...AT_ONCE, mode, schema: newSchema(), concurrency: 4, onWarning };
      const options = "-c default_transaction_isolation=serializable";
      const inboxes = await Promise.all(
        [1, 2, 3].map(() => openInbox(openPool(server, { max: 8, options }), common)),
      );
      const workers = inboxes.map((inbox) => startWorker(inbox, () => undefined));
      const ids = Array.from({ length: 60 }, (_, index) => `delivery ${index}`);
      const accepted = ids.map((deliveryId, index) => inboxes[index % 3]!.accept(createDelivery(deliveryId)));
      expect(new Set(await Promise.all(accepted))).toEqual(new Set(["accepted"]));
      const outcomes = () => workers.flatMap((worker) => worker.outcomes);
      const isDone = () => outcomes().filter(({ kind }) => kind === "handled").length === ids.length;
      await vi.waitUntil(isDone, { timeout: 20_000 });
      expect(outcomes().filter(({ storeError }) => storeError !== undefined)).toEqual([]);
      // A transaction of a handler that collides is tried again as a whole.
      expect(warnings.filter((warning) => !warning.startsWith("The transaction of a handler"))).toEqual([]);
    },
  );

  it("renew the lease while a handler runs", async () => {
    const schema = newSchema();
    const options = { ...AT_ONCE, mode: "lease", schema, leaseSeconds: 2 } as const;
    const inbox = await openInbox(pool, options);
    const [started, finish] = [createGate(), createGate()];
    const slow = startWorker(inbox, () => {
      started.open();
      return finish.opened;
    });
    await inbox.accept(createDelivery("a"));
    await started.opened;
    const other = startWorker(await openInbox(pool, options), () => undefined);
    const sql = `SELECT due_at AS due FROM ${id(schema)}.ahasend_inbox`;
    const readDueMs = async () => (await pool.query<{ due: Date }>(sql)).rows[0]!.due.getTime();
    const first = await readDueMs();
    await vi.waitUntil(async () => (await readDueMs()) > first + 2000, { timeout: 20_000, interval: 50 });
    finish.open();
    await slow.reported(1);
    expect(slow.outcomes).toMatchObject([{ kind: "handled", attempt: 1 }]);
    expect(slow.outcomes[0]!.storeError).toBeUndefined();
    expect(other.outcomes).toEqual([]);
  });

  it.each(["handled", "failed"])(
    "do not write that an attempt was %s when another worker has taken the delivery",
    async (result) => {
      const { open, advance } = create({ mode: "lease" });
      const [started, finish] = [createGate(), createGate()];
      const late = startWorker(await open(), async () => {
        started.open();
        await finish.opened;
        if (result === "failed") throw new Error("no");
      });
      const inbox = await open();
      await inbox.accept(createDelivery("a"));
      await started.opened;
      advance(30_001);
      const [nextStarted, nextFinish] = [createGate(), createGate()];
      const next = startWorker(inbox, () => {
        nextStarted.open();
        return nextFinish.opened;
      });
      onTestFinished(nextFinish.open);
      await nextStarted.opened;
      finish.open();
      await late.reported(1);
      expect(late.outcomes).toMatchObject([{ kind: result, storeError: { code: "store_unavailable" } }]);
      expect(await inbox.stats()).toMatchObject({ waiting: 0, active: 1 });
      nextFinish.open();
      await next.reported(1);
      expect(next.outcomes).toMatchObject([{ kind: "handled", attempt: 2 }]);
      expect(next.outcomes[0]!.storeError).toBeUndefined();
    },
  );

  it("do not confuse a replayed delivery with the attempt of the same number before", async () => {
    const { open, advance } = create({ mode: "lease", maxAttempts: 1 });
    const [started, finish] = [createGate(), createGate()];
    const late = startWorker(await open(), () => {
      started.open();
      return finish.opened;
    });
    const inbox = await open();
    await inbox.accept(createDelivery("a"));
    await started.opened;
    advance(30_001);
    const [nextStarted, nextFinish] = [createGate(), createGate()];
    const next = startWorker(inbox, () => {
      nextStarted.open();
      return nextFinish.opened;
    });
    // The next worker makes a dead letter of it.
    while ((await inbox.deadLetters.replay("all")) === 0)
      await new Promise((resolve) => setImmediate(resolve));
    await nextStarted.opened;
    finish.open();
    await late.reported(1);
    expect(await inbox.stats()).toMatchObject({ active: 1 });
    nextFinish.open();
    await next.reported(1);
    expect(next.outcomes).toMatchObject([{ kind: "handled", attempt: 1 }]);
  });
});

it("warns with each reason why an inbox cannot be read or swept, and hides credentials", async () => {
  // As Node.js reports that it has tried all addresses of a host.
  const refusals = ["connect ECONNREFUSED ::1:5432", "cannot use postgres://app:hunter2@localhost"];
  const pool: PoolLike = {
    query: () => Promise.reject(new AggregateError(refusals.map((refusal) => new Error(refusal)))),
    connect: () => Promise.reject(new Error("not called")),
  };
  const warnings: string[] = [];
  const onWarning = (warning: string) => warnings.push(warning);
  const inbox = postgresInbox(pool, { sweepIntervalSeconds: 0.01, onWarning });
  onTestFinished(() => inbox.close());
  startWorker(inbox as Parameters<typeof startWorker>[0], () => undefined);
  for (const start of ["The inbox could not be read", "Expired deliveries were not deleted"]) {
    const reasons = expect.stringMatching(
      new RegExp(`^${start}.*ECONNREFUSED ::1.*cannot use`, "s"),
    ) as unknown;
    await vi.waitFor(() => expect(warnings).toContainEqual(reasons));
  }
  expect(warnings.join()).not.toContain("hunter2");
});
