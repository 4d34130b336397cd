import { type Handlers, type Outcome, type Receiver, createReceiver } from "@ahasend-webhooks/core";
import {
  type TestServer,
  hasPgBouncer,
  hasPostgres,
  required,
  startPgBouncer,
  startPostgres,
} from "@ahasend-webhooks/harness";
import { type SignedDelivery, createEvent, signDelivery, transactionCases } from "@ahasend-webhooks/testing";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";

import { type PostgresStoreOptions, postgresStore } from "../src/index.js";
import { type SharedServer, getSharedServer, newSchema, openPool } from "./database.js";
import { receiveUntilDone } from "./receive-until-done.js";

const secret = "aha-whsec-Zk4vT9wQ2mX7bN1sL6pR3yC8dF5gH0jA";
type On = Handlers<{ client: pg.PoolClient }>;

const newDelivery = () => signDelivery({ secret, event: createEvent("message.opened") });

/** Creates a promise that resolves when `open` is called. */
function createGate() {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
}

describe.skipIf(!required("PostgreSQL", hasPostgres()))("transaction mode", () => {
  let server: SharedServer;
  let bouncer: TestServer | undefined;
  let pool: pg.Pool;
  beforeAll(async () => {
    server = getSharedServer();
    pool = new pg.Pool({ connectionString: server.url });
    await pool.query("CREATE TABLE effects (delivery text NOT NULL)");
    if (required("PgBouncer", hasPgBouncer())) bouncer = await startPgBouncer(server);
  });
  afterAll(async () => {
    await pool.end();
    await bouncer?.stop();
  });

  const write: On["*"] = (_event, { client, deliveryId }) =>
    client.query("INSERT INTO effects (delivery) VALUES ($1)", [deliveryId]);

  interface Opened {
    receiver: Receiver;
    outcomes: Outcome[];
    schema: string;
  }
  const open = async (
    handler: NonNullable<On["*"]>,
    {
      on = pool,
      schema = newSchema(),
      ...options
    }: Omit<PostgresStoreOptions, "mode"> & { on?: pg.Pool; deadlineSeconds?: number } = {},
  ): Promise<Opened> => {
    const { deadlineSeconds = 4.5, ...storeOptions } = options;
    const store = postgresStore(on, { ...storeOptions, schema, mode: "transaction" });
    onTestFinished(() => store.close());
    await store.migrate();
    const outcomes: Outcome[] = [];
    const receiver = createReceiver({
      secret,
      on: { "*": handler },
      store,
      inFlightWaitSeconds: 0,
      deadlineSeconds,
      onOutcome: (outcome) => outcomes.push(outcome),
    });
    return { receiver, outcomes, schema };
  };

  const countEffects = async ({ headers }: SignedDelivery): Promise<number> => {
    const sql = "SELECT count(*)::int AS effects FROM effects WHERE delivery = $1";
    const { rows } = await pool.query(sql, [headers["webhook-id"]]);
    return (rows[0] as { effects: number }).effects;
  };

  it("commits the handler's writes together with the receipt", async () => {
    const { receiver, outcomes } = await open(write);
    const delivery = newDelivery();
    expect((await receiver.receive(delivery)).status).toBe(204);
    expect((await receiver.receive(delivery)).status).toBe(204);
    expect(outcomes).toMatchObject([{ kind: "handled", attempt: 1 }, { kind: "duplicate" }]);
    expect(await countEffects(delivery)).toBe(1);
  });

  it("rolls everything back if the handler throws, and runs it again at the next attempt", async () => {
    let fails = true;
    const { receiver } = await open(async (event, context) => {
      await write(event, context);
      if (fails) throw new Error("no");
    });
    const delivery = newDelivery();
    expect(await receiver.receive(delivery)).toMatchObject({
      status: 500,
      body: '{"code":"handler_failed"}',
    });
    expect(await countEffects(delivery)).toBe(0);
    fails = false;
    expect((await receiver.receive(delivery)).status).toBe(204);
    expect(await countEffects(delivery)).toBe(1);
  });

  it("replies 409 to duplicates while another process handles the delivery, without holding a connection", async () => {
    const { open: finish, opened } = createGate();
    const started = createGate();
    const { receiver, schema } = await open(async (event, context) => {
      await write(event, context);
      started.open();
      await opened;
    });
    const onePool = openPool(server, { max: 1 });
    const other = await open(write, { schema, on: onePool });
    const delivery = newDelivery();
    const first = receiver.receive(delivery);
    await started.opened;
    const duplicates = await Promise.all([1, 2, 3].map(() => other.receiver.receive(delivery)));
    expect(duplicates).toMatchObject([1, 2, 3].map(() => ({ status: 409, body: '{"code":"in_flight"}' })));
    // The connection of the duplicates is back in their pool.
    expect((await other.receiver.receive(newDelivery())).status).toBe(204);
    finish();
    expect((await first).status).toBe(204);
    expect((await other.receiver.receive(delivery)).status).toBe(204);
    expect(await countEffects(delivery)).toBe(1);
  });

  it("sends the receipt of a new delivery with BEGIN, whatever its key holds", async () => {
    const store = postgresStore(pool, { schema: newSchema(), mode: "transaction" });
    onTestFinished(() => store.close());
    await store.migrate();
    const query = vi.spyOn(pg.Client.prototype, "query");
    onTestFinished(() => query.mockRestore());
    const keys = ["'; ROLLBACK; --", "\\'", "$1", '"', "\u{1f40d}", ""];
    const run = async (key: string) => store.run(key, () => Promise.resolve());
    for (const key of keys) expect(await run(key)).toEqual({ state: "committed" });
    expect(query).toHaveBeenCalledTimes(2 * keys.length);
    for (const key of keys) expect(await run(key)).toEqual({ state: "done" });
    await expect(run("a\0b")).rejects.toThrow(/invalid byte sequence/);
    expect(await run("a")).toEqual({ state: "committed" });
  });

  it("keeps the writes of one of many duplicates across processes", async () => {
    const schema = newSchema();
    const receivers = await Promise.all(
      (bouncer === undefined ? [server, server] : [server, bouncer]).map(async (through) => {
        const store = postgresStore(openPool(through, { max: 20 }), { schema, mode: "transaction" });
        onTestFinished(() => store.close());
        await store.migrate();
        return createReceiver({ secret, on: { "*": write }, store });
      }),
    );
    const deliveries = Array.from({ length: 40 }, newDelivery);
    await Promise.all(
      deliveries.flatMap((delivery) =>
        [...receivers, ...receivers].map((receiver) => receiveUntilDone(receiver, delivery)),
      ),
    );
    for (const delivery of deliveries) expect(await countEffects(delivery)).toBe(1);
  });

  it("lets a handler finish once after its deadline", async () => {
    const finish = createGate();
    const { receiver, outcomes, schema } = await open(
      async (event, context) => {
        await write(event, context);
        await finish.opened;
      },
      { deadlineSeconds: 0.5 },
    );
    const other = await open(write, { schema });
    const delivery = newDelivery();
    expect(await receiver.receive(delivery)).toMatchObject({
      status: 503,
      body: '{"code":"deadline_exceeded"}',
    });
    expect(await other.receiver.receive(delivery)).toMatchObject({
      status: 409,
      body: '{"code":"in_flight"}',
    });
    finish.open();
    await vi.waitFor(() => expect(outcomes.at(-1)).toMatchObject({ kind: "handled", late: true }), 10_000);
    expect((await other.receiver.receive(delivery)).status).toBe(204);
    expect(other.outcomes.at(-1)).toMatchObject({ kind: "duplicate" });
    expect(await countEffects(delivery)).toBe(1);
  });

  it.each(["40001", "40P01"])(
    "replies 503 after a conflict with another transaction (SQLSTATE %s)",
    async (code) => {
      const { receiver } = await open(async (_event, { client }) => {
        await client.query(`DO $$ BEGIN RAISE EXCEPTION 'collision' USING ERRCODE = '${code}'; END $$`);
      });
      expect(await receiver.receive(newDelivery())).toMatchObject({
        status: 503,
        body: '{"code":"store_unavailable"}',
      });
    },
  );

  it("fails the delivery if the handler catches an error that aborted the transaction", async () => {
    const { receiver, outcomes } = await open(async (event, context) => {
      await write(event, context);
      await context.client.query("SELECT 1 / 0").catch(() => undefined);
    });
    const delivery = newDelivery();
    expect((await receiver.receive(delivery)).status).toBe(500);
    expect(outcomes).toMatchObject([
      { code: "handler_failed", error: { message: expect.stringMatching(/use a savepoint\.$/) as string } },
    ]);
    expect(await countEffects(delivery)).toBe(0);
  });

  it("replies 500 if a deferred constraint fails at COMMIT", async () => {
    const { receiver } = await open(async (_event, { client }) => {
      await client.query(
        "CREATE TEMP TABLE unique_effects (name text UNIQUE DEFERRABLE INITIALLY DEFERRED) ON COMMIT DROP",
      );
      await client.query("INSERT INTO unique_effects VALUES ('a'), ('a')");
    });
    expect((await receiver.receive(newDelivery())).status).toBe(500);
  });

  it("replies 503 after a conflict that a query builder has wrapped", async () => {
    const { receiver } = await open(async (_event, { client }) => {
      const raise = "DO $$ BEGIN RAISE EXCEPTION 'collision' USING ERRCODE = '40001'; END $$";
      await client.query(raise).catch((cause: unknown) => {
        throw new Error("The query failed.", { cause });
      });
    });
    expect((await receiver.receive(newDelivery())).status).toBe(503);
  });

  it("keeps the error of a handler that queries a missing table", async () => {
    const { receiver, outcomes } = await open((_event, { client }) => client.query("SELECT * FROM nowhere"));
    expect((await receiver.receive(newDelivery())).status).toBe(500);
    expect(outcomes).toMatchObject([{ error: { cause: { message: 'relation "nowhere" does not exist' } } }]);
  });

  it("rejects queries that a failed handler left running", async () => {
    const leftoverGate = createGate();
    let leftover: Promise<unknown> = Promise.resolve();
    const { receiver } = await open((event, context) => {
      leftover = leftoverGate.opened.then(() => write(event, context));
      return context.client.query("SELECT 1 / 0");
    });
    const delivery = newDelivery();
    expect((await receiver.receive(delivery)).status).toBe(500);
    leftoverGate.open();
    await expect(leftover).rejects.toThrow(/closed|not queryable|ended/);
    expect(await countEffects(delivery)).toBe(0);
  });

  it("keeps the connection of a handler that has thrown, without the locks that it has taken", async () => {
    const own = openPool(server, { max: 1 });
    const connected = vi.fn();
    own.on("connect", connected);
    const { receiver } = await open(
      async (_event, { client }) => {
        await client.query("SELECT pg_advisory_lock(4711)");
        throw new Error("not yet");
      },
      { on: own },
    );
    for (let attempt = 0; attempt < 2; attempt += 1) {
      expect((await receiver.receive(newDelivery())).status).toBe(500);
    }
    expect(connected).toHaveBeenCalledTimes(1);
    const unlocked = await pool.query("SELECT pg_try_advisory_xact_lock(4711) AS unlocked");
    expect(unlocked.rows).toEqual([{ unlocked: true }]);
  });

  it("replies 204 to many simultaneous duplicates of a finished delivery", async () => {
    const { receiver } = await open(write);
    const delivery = newDelivery();
    await receiver.receive(delivery);
    const duplicates = await Promise.all(Array.from({ length: 20 }, () => receiver.receive(delivery)));
    expect(new Set(duplicates.map(({ status }) => status))).toEqual(new Set([204]));
  });

  it("rolls back running handlers when the receiver closes, so that the pool can end", async () => {
    const ownPool = new pg.Pool({ connectionString: server.url });
    const started = createGate();
    const { receiver } = await open(
      async (event, context) => {
        await write(event, context);
        started.open();
        await new Promise(() => undefined);
      },
      { on: ownPool },
    );
    const delivery = newDelivery();
    const reply = receiver.receive(delivery);
    await started.opened;
    await receiver.close({ timeoutSeconds: 0 });
    expect(await reply).toMatchObject({ status: 503, body: '{"code":"closing"}' });
    await ownPool.end();
    expect(await countEffects(delivery)).toBe(0);
  });

  it("says how to create a missing table", async () => {
    const store = postgresStore(pool, { schema: newSchema(), mode: "transaction" });
    onTestFinished(() => store.close());
    await expect(store.run("a", () => Promise.resolve())).rejects.toThrow(/await store\.migrate\(\)/);
  });

  it("lets the server end a transaction that exceeds idleTimeoutSeconds", async () => {
    const { receiver } = await open(
      async (event, context) => {
        await write(event, context);
        await new Promise((resolve) => context.client.once("end", resolve));
      },
      { idleTimeoutSeconds: 0.05 },
    );
    const delivery = newDelivery();
    expect(await receiver.receive(delivery)).toMatchObject({
      status: 503,
      body: '{"code":"store_unavailable"}',
    });
    expect(await countEffects(delivery)).toBe(0);
  });

  it("replies 503 if the server is killed during a handler, and succeeds at the next attempt", async () => {
    const own = await startPostgres();
    onTestFinished(() => own.stop());
    const ownPool = openPool(own);
    let kills = true;
    const { receiver } = await open(
      async (_event, { client, deliveryId }) => {
        await client.query("CREATE TABLE IF NOT EXISTS effects (delivery text)");
        await client.query("INSERT INTO effects VALUES ($1)", [deliveryId]);
        if (kills) await own.kill();
      },
      { on: ownPool, onWarning: () => undefined },
    );
    const delivery = newDelivery();
    expect(await receiver.receive(delivery)).toMatchObject({
      status: 503,
      body: '{"code":"store_unavailable"}',
    });
    kills = false;
    await own.start();
    expect((await receiver.receive(delivery)).status).toBe(204);
    expect((await ownPool.query("SELECT * FROM effects")).rowCount).toBe(1);
  });

  it("handles deliveries whose lease has ended, and refuses those whose lease is live", async () => {
    const { receiver, schema } = await open(write);
    const leases = postgresStore(pool, { schema });
    onTestFinished(() => leases.close());
    const [live, ended, done] = [newDelivery(), newDelivery(), newDelivery()];
    const toKey = ({ headers }: SignedDelivery) => `default:${headers["webhook-id"]}`;
    await leases.claim(toKey(live), "one", 60_000);
    await leases.claim(toKey(ended), "one", 60_000);
    await leases.release(toKey(ended), "one");
    await leases.commit(toKey(done), "one", 60_000);
    expect((await receiver.receive(live)).status).toBe(409);
    expect((await receiver.receive(ended)).status).toBe(204);
    expect((await receiver.receive(done)).status).toBe(204);
    expect(await Promise.all([live, ended, done].map(countEffects))).toEqual([0, 1, 0]);
  });

  it("replies 503 if the pool has no free connection, and releases one that arrives late", async () => {
    const small = openPool(server, { max: 1 });
    const { receiver } = await open(write, { on: small });
    const taken = await small.connect();
    const delivery = newDelivery();
    expect(await receiver.receive(delivery)).toMatchObject({
      status: 503,
      body: '{"code":"store_unavailable"}',
    });
    taken.release();
    await vi.waitFor(() => expect(small.totalCount - small.idleCount).toBe(0), 10_000);
    expect(await countEffects(delivery)).toBe(0);
    expect((await receiver.receive(delivery)).status).toBe(204);
    expect(await countEffects(delivery)).toBe(1);
  });

  it.each(transactionCases)("$name", async ({ run }) => {
    let time = 1_784_041_401_000;
    const options = { schema: newSchema(), mode: "transaction", retentionSeconds: 14 * 3600 } as const;
    const store = postgresStore(pool, { ...options, now: () => time });
    onTestFinished(() => store.close());
    await store.migrate();
    await run({ store, advance: (ms) => void (time += ms) });
  });

  it('refuses onStoreError: "process"', () => {
    const store = postgresStore(pool, { mode: "transaction", sweepIntervalSeconds: 0 });
    expect(() => createReceiver({ secret, on: {}, store, onStoreError: "process" })).toThrow(
      /^onStoreError must not be "process" with this store: /,
    );
  });
});
