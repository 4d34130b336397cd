import { type Outcome, createReceiver } from "@ahasend-webhooks/core";
import { hasPostgres, required, startPostgres } from "@ahasend-webhooks/harness";
import { createEvent, signDelivery } from "@ahasend-webhooks/testing";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { type PoolLike, postgresInbox } from "../src/index.js";
import { type SharedServer, createOwnDatabase, newSchema, openPool } from "./database.js";
import { createDelivery, createGate, startWorker } from "./inbox-worker.js";
import { openInbox } from "./open-inbox.js";

const secret = "aha-whsec-Zk4vT9wQ2mX7bN1sL6pR3yC8dF5gH0jA";
const id = pg.escapeIdentifier;
const toIds = (count: number) => Array.from({ length: count }, (_, index) => `delivery ${index}`);

describe.skipIf(!required("PostgreSQL", hasPostgres()))("accepting deliveries into an inbox", () => {
  let server: SharedServer;
  let pool: pg.Pool;
  beforeAll(async () => {
    server = await createOwnDatabase();
    pool = new pg.Pool({ connectionString: server.url });
  });
  afterAll(async () => {
    await pool.end();
  });

  /** Returns the pool, and the number of deliveries in each INSERT. */
  const spy = (on = pool) => {
    const batches: number[] = [];
    const spied = new Proxy(on, {
      get(target, property) {
        const value: unknown = Reflect.get(target, property, target);
        if (typeof value !== "function") return value;
        if (property !== "query") return value.bind(target) as unknown;
        return (query: pg.QueryConfig) => {
          if (query.text.includes("INSERT INTO")) batches.push((query.values![0] as unknown[]).length);
          return target.query(query);
        };
      },
    });
    return { spied, batches };
  };

  it("writes what arrives during an INSERT in one statement", async () => {
    const { spied, batches } = spy();
    const inbox = await openInbox(spied, { schema: newSchema() });
    const answers = await Promise.all(
      toIds(300).map((deliveryId) => inbox.accept(createDelivery(deliveryId))),
    );
    expect(answers).toEqual(toIds(300).map(() => "accepted"));
    expect(batches).toEqual([300]);
    const turn = createGate();
    setImmediate(turn.open);
    const first = inbox.accept(createDelivery("first"));
    await turn.opened;
    await Promise.all([first, ...toIds(20).map((other) => inbox.accept(createDelivery(`later ${other}`)))]);
    expect(batches).toEqual([300, 1, 20]);
  });

  it("plans its statement once for each connection, and continues without when the connection has lost it", async () => {
    const own = openPool(server, { max: 1 });
    const inbox = await openInbox(own, { schema: newSchema() });
    const prepared = async () => {
      const { rows } = await own.query<{ name: string }>(
        "SELECT name FROM pg_prepared_statements WHERE statement LIKE '%INSERT INTO%'",
      );
      return rows.map(({ name }) => name);
    };
    for (const deliveryId of ["one", "two"]) await inbox.accept(createDelivery(deliveryId));
    const [name = "", ...others] = await prepared();
    expect([name, others]).toEqual([expect.stringMatching(/^ahasend_accept_[0-9a-f]{32}$/), []]);
    // What PgBouncer does in transaction pooling mode: the client does not know that it is on another connection.
    await own.query("DEALLOCATE ALL");
    expect(await inbox.accept(createDelivery("three"))).toBe("accepted");
    expect(await inbox.accept(createDelivery("three"))).toBe("duplicate");
    expect(await prepared()).toEqual([]);
  });

  it("continues when another client has prepared its statement on the connection", async () => {
    const schema = newSchema();
    const first = openPool(server, { max: 1 });
    await (await openInbox(first, { schema })).accept(createDelivery("one"));
    const { rows } = await first.query<{ name: string }>("SELECT name FROM pg_prepared_statements");
    const second = openPool(server, { max: 1 });
    const inbox = await openInbox(second, { schema });
    for (const { name } of rows) await second.query(`PREPARE ${id(name)} AS SELECT 1`);
    expect(await inbox.accept(createDelivery("one"))).toBe("duplicate");
    expect(await inbox.accept(createDelivery("two"))).toBe("accepted");
  });

  it("accepts everything through a pool that adds a comment of its own to each query", async () => {
    let comments = 0;
    class Tagging extends pg.Client {
      override query(...args: never[]): never {
        const [query] = args as unknown as [{ text?: string }];
        if (query.text !== undefined) query.text += ` /* request ${(comments += 1)} */`;
        return super.query(...(args as unknown as Parameters<pg.Client["query"]>)) as never;
      }
    }
    const inbox = await openInbox(openPool(server, { Client: Tagging }), {
      schema: newSchema(),
    });
    for (const deliveryId of toIds(6)) {
      expect(await inbox.accept(createDelivery(deliveryId))).toBe("accepted");
    }
  });

  it("answers all copies but one with duplicate, in the same batch and while it is being written", async () => {
    const { spied, batches } = spy();
    const inbox = await openInbox(spied, { schema: newSchema() });
    const copies = ["a", "b", "a", "a", "b"].map((deliveryId) => inbox.accept(createDelivery(deliveryId)));
    await Promise.resolve();
    copies.push(inbox.accept(createDelivery("a")));
    expect(await Promise.all(copies)).toEqual([
      "accepted",
      "accepted",
      "duplicate",
      "duplicate",
      "duplicate",
      "duplicate",
    ]);
    expect(batches).toEqual([2]);
  });

  it("accepts each delivery in one of two processes that get the same ones in another order", async () => {
    const schema = newSchema();
    const inboxes = await Promise.all([1, 2].map(() => openInbox(openPool(server), { schema })));
    const answers = await Promise.all(
      inboxes.map((inbox, index) => {
        const ids = index === 0 ? toIds(200) : toIds(200).toReversed();
        return Promise.all(ids.map(async (own) => [own, await inbox.accept(createDelivery(own))] as const));
      }),
    );
    const accepted = answers.flat().filter(([, answer]) => answer === "accepted");
    expect(accepted.map(([own]) => own).toSorted()).toEqual(toIds(200).toSorted());
  });

  it("writes a large body alone, and keeps the order of deliveries with its ordering key", async () => {
    const { spied, batches } = spy();
    const schema = newSchema();
    const inbox = await openInbox(spied, { schema });
    const large = Buffer.alloc(1_500_000, 32);
    await Promise.all([
      inbox.accept(createDelivery("0", { orderingKey: "key" })),
      inbox.accept(createDelivery("1", { orderingKey: "key", rawBody: large })),
      inbox.accept(createDelivery("2", { orderingKey: "key" })),
      inbox.accept(createDelivery("3", { orderingKey: "key" })),
      inbox.accept(createDelivery("free")),
      inbox.accept(createDelivery("free and large", { rawBody: large })),
    ]);
    expect(batches.toSorted((one, other) => one - other)).toEqual([1, 1, 1, 1, 2]);
    const { rows } = await pool.query<{ own: string }>(
      `SELECT delivery_id AS own FROM ${id(schema)}.ahasend_inbox WHERE ordering_key IS NOT NULL ORDER BY id`,
    );
    expect(rows.map(({ own }) => own)).toEqual(["0", "1", "2", "3"]);
  });

  it("accepts the others of a batch if PostgreSQL refuses the values of some", async () => {
    const inbox = await openInbox(pool, { schema: newSchema() });
    const deliveries = [
      createDelivery("a"),
      createDelivery("b", { endpoint: "a NUL: \0" }),
      createDelivery("c", { endpoint: "x".repeat(1_000_000) }),
      createDelivery("d"),
    ];
    const answers = await Promise.allSettled(deliveries.map((delivery) => inbox.accept(delivery)));
    expect(answers.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected", "fulfilled"]);
  });

  it("lets a receiver reply 204 at once, and hands the delivery to the handler with a client", async () => {
    const inbox = await openInbox(pool, { schema: newSchema() });
    const outcomes: Outcome[] = [];
    const finish = createGate();
    const receiver = createReceiver({
      secret,
      store: inbox,
      on: {
        "message.bounced": async (event, { client }) => {
          await finish.opened;
          await client.query("SELECT $1::text", [event.data.recipient]);
        },
      },
      onOutcome: (outcome) => outcomes.push(outcome),
    });
    const delivery = signDelivery({ secret, event: createEvent("message.bounced") });
    expect((await receiver.receive(delivery)).status).toBe(204);
    expect((await receiver.receive(delivery)).status).toBe(204);
    expect(outcomes).toMatchObject([{ kind: "accepted" }, { kind: "duplicate" }]);
    finish.open();
    await vi.waitUntil(() => outcomes.length === 3, 10_000);
    expect(outcomes[2]).toMatchObject({ kind: "handled", type: "message.bounced", attempt: 1 });
    await receiver.close();
  });

  it("lets a receiver reply 503 if the table is missing, and the outcome says how to create it", async () => {
    const inbox = postgresInbox(pool, { schema: newSchema(), sweepIntervalSeconds: 0 });
    const outcomes: Outcome[] = [];
    const receiver = createReceiver({
      secret,
      store: inbox,
      work: false,
      on: { "*": () => undefined },
      onOutcome: (outcome) => outcomes.push(outcome),
    });
    const delivery = signDelivery({ secret, event: createEvent("message.bounced") });
    expect(await receiver.receive(delivery)).toMatchObject({
      status: 503,
      body: '{"code":"inbox_unavailable"}',
    });
    const cause = { message: expect.stringMatching(/call await inbox\.migrate\(\) at start/) as string };
    expect(outcomes).toMatchObject([{ error: { cause } }]);
    await receiver.close();
  });

  it("accepts any type and any ordering key", async () => {
    const inbox = await openInbox(pool, { schema: newSchema() });
    const hostile = "\0 \ud800 ' \\ \" \u{1f600}".repeat(1000);
    const delivery = createDelivery("a", { type: hostile, orderingKey: hostile });
    expect(await inbox.accept(delivery)).toBe("accepted");
    const { outcomes, reported } = startWorker(inbox, () => undefined);
    await reported(1);
    expect(outcomes).toMatchObject([{ kind: "handled" }]);
  });

  it("accepts again after an outage of the server, and loses nothing", async () => {
    const own = await startPostgres();
    try {
      const inbox = await openInbox(openPool(own), { schema: newSchema(), onWarning: () => undefined });
      expect(await inbox.accept(createDelivery("before"))).toBe("accepted");
      await own.kill();
      await expect(inbox.accept(createDelivery("after"))).rejects.toThrow(/ECONNREFUSED|terminat/);
      await own.start();
      await vi.waitFor(
        async () => expect(await inbox.accept(createDelivery("after"))).toBe("accepted"),
        10_000,
      );
      expect(await inbox.accept(createDelivery("before"))).toBe("duplicate");
      expect(await inbox.stats()).toMatchObject({ waiting: 2 });
    } finally {
      await own.stop();
    }
  });

  it("never acknowledges an asynchronous commit", async () => {
    const schema = newSchema();
    const asynchronous = openPool(server, { options: "-c synchronous_commit=off" });
    const inbox = await openInbox(asynchronous, { schema });
    await pool.query(`
      CREATE TABLE ${id(schema)}.commits (setting text);
      CREATE FUNCTION ${id(schema)}.note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO ${id(schema)}.commits VALUES (current_setting('synchronous_commit')); RETURN NULL;
      END $$;
      CREATE CONSTRAINT TRIGGER note AFTER INSERT ON ${id(schema)}.ahasend_inbox
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ${id(schema)}.note()`);
    await inbox.accept(createDelivery("a"));
    expect((await pool.query(`SELECT setting FROM ${id(schema)}.commits`)).rows).toEqual([{ setting: "on" }]);
    expect((await asynchronous.query("SHOW synchronous_commit")).rows).toEqual([
      { synchronous_commit: "off" },
    ]);
  });

  it.each<[string, () => unknown]>([
    ["undefined", () => undefined],
    ["no rows", () => ({ rowCount: 1 })],
    ["another row", () => ({ rows: [{ facts: true }], rowCount: 1 })],
  ])("never acknowledges a delivery if the INSERT returns %s", async (_what, getResult) => {
    const broken = { query: () => Promise.resolve(getResult()), connect: () => Promise.resolve() };
    const inbox = postgresInbox(broken as unknown as PoolLike, { mode: "lease", sweepIntervalSeconds: 0 });
    await expect(inbox.accept(createDelivery("a"))).rejects.toThrow(/does not transform results\.$/);
  });
});
