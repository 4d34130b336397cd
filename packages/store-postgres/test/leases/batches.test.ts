import { createReceiver } from "@ahasend-webhooks/core";
import { type TestServer, hasPostgres, required, startPostgres } from "@ahasend-webhooks/harness";
import { createEvent, signDelivery } from "@ahasend-webhooks/testing";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";

import { postgresStore } from "../../src/index.js";
import { newSchema, openPool } from "../database.js";

const secret = "aha-whsec-Zk4vT9wQ2mX7bN1sL6pR3yC8dF5gH0jA";
const LEASE_MS = 60_000;
const RETAIN_MS = 14 * 3_600_000;
const toKeys = (count: number) => Array.from({ length: count }, (_, index) => `delivery ${index}`);
const NEW = { state: "claimed", attempt: 1 };

describe.skipIf(!required("PostgreSQL", hasPostgres()))("lease mode in batches", () => {
  let server: TestServer;
  let pool: pg.Pool;
  beforeAll(async () => {
    server = await startPostgres();
    pool = new pg.Pool({ connectionString: server.url });
  });
  afterAll(async () => {
    await pool.end();
    await server.stop();
  });

  const open = async (on = pool, { schema = newSchema(), onWarning = (_warning: string) => {} } = {}) => {
    const store = postgresStore(on, { schema, sweepIntervalSeconds: 0, onWarning });
    await store.migrate();
    const table = `${pg.escapeIdentifier(schema)}.ahasend_deliveries`;
    return {
      store,
      table,
      claimAll: (keys: string[], token = "one") =>
        Promise.all(keys.map(async (key) => store.claim(key, token, LEASE_MS))),
      commitAll: (keys: string[]) =>
        Promise.all(keys.map(async (key) => store.commit(key, "one", RETAIN_MS))),
    };
  };

  it("takes one statement for a hundred calls of the same turn", async () => {
    const { claimAll, commitAll } = await open();
    const query = vi.spyOn(pool, "query");
    onTestFinished(() => query.mockRestore());
    expect(await claimAll(toKeys(300))).toEqual(toKeys(300).map(() => NEW));
    expect(query).toHaveBeenCalledTimes(3);
    await commitAll(toKeys(300));
    expect(query).toHaveBeenCalledTimes(6);
    expect(await claimAll(toKeys(300), "two")).toEqual(toKeys(300).map(() => ({ state: "done" })));
  });

  it("finds new and known deliveries in a table of an earlier version", async () => {
    const { claimAll, commitAll, table } = await open();
    await pool.query(`INSERT INTO ${table} (key, token, attempt, leased_until, done, keep_until) VALUES
      ('handled', null, 2, null, true, now() + interval '1 day'),
      ('expired', null, 2, null, true, now() - interval '1 day'),
      ('leased', 'other', 2, now() + interval '1 minute', false, now() + interval '1 day'),
      ('abandoned', 'other', 2, now() - interval '1 minute', false, now() + interval '1 day'),
      ('released', null, 2, null, false, now() + interval '1 day')`);
    const keys = ["handled", "expired", "leased", "abandoned", "released", "new"];
    expect(await claimAll(keys)).toMatchObject([
      { state: "done" },
      NEW,
      { state: "busy" },
      { state: "claimed", attempt: 3 },
      { state: "claimed", attempt: 3 },
      NEW,
    ]);
    await commitAll(keys);
    expect(await claimAll(keys, "two")).toEqual(keys.map(() => ({ state: "done" })));
  });

  it("fails only the call whose key PostgreSQL refuses", async () => {
    const { store, claimAll, commitAll } = await open();
    const refused = (call: () => unknown) =>
      expect(Promise.resolve(call())).rejects.toThrow(/invalid byte sequence|index row requires/);
    // The second is too long for an index, even compressed.
    const poison = ["a\0b", Array.from({ length: 4000 }, (_, index) => Math.sin(index)).join("")];
    const claims = claimAll(["a", "b"]);
    await Promise.all(poison.map((key) => refused(() => store.claim(key, "one", LEASE_MS))));
    expect(await claims).toEqual([NEW, NEW]);
    const commits = commitAll(["a", "b"]);
    await Promise.all(poison.map((key) => refused(() => store.commit(key, "one", RETAIN_MS))));
    await commits;
    expect(await claimAll(["a", "b"], "two")).toEqual([{ state: "done" }, { state: "done" }]);
  });

  it("has no deadlocks if several processes claim and commit the same deliveries", async () => {
    const deadlocks: unknown[] = [];
    const schema = newSchema();
    const keys = toKeys(300);
    const processes = await Promise.all(
      [1, 7, 11].map(async (factor) => {
        const own = openPool(server, { max: 4 });
        const spied = new Proxy(own, {
          get(target, property) {
            const value: unknown = Reflect.get(target, property, target);
            if (property !== "query") return value;
            return async (query: pg.QueryConfig) =>
              target.query(query).catch((error: unknown) => {
                deadlocks.push(error);
                throw error;
              });
          },
        });
        // An order of its own, for each round.
        const shuffled = keys.map((_, index) => keys[(index * factor) % keys.length]!);
        return { ...(await open(spied, { schema })), name: `process ${factor}`, shuffled };
      }),
    );
    for (let round = 0; round < 4; round += 1) {
      const rounds = processes.map(({ claimAll, commitAll, name, shuffled }) => {
        const own = shuffled.map((key) => `${round} ${key}`);
        return claimAll(own, name).then(async (claims) => commitAll(own).then(() => claims));
      });
      const claims = (await Promise.all(rounds)).flat();
      expect(claims.filter(({ state }) => state === "claimed")).toHaveLength(keys.length);
    }
    expect(deadlocks).toEqual([]);
  });

  it("leaves room beside a batch that waits for a row", async () => {
    const { table, claimAll, commitAll } = await open();
    await claimAll(["locked", "a"]);
    const client = await pool.connect();
    onTestFinished(() => client.release());
    await client.query("BEGIN");
    await client.query(`SELECT FROM ${table} WHERE key = 'locked' FOR UPDATE`);
    await client.query(`INSERT INTO ${table} (key, keep_until) VALUES ('inserted', now())`);
    const commits = [commitAll(["locked"]), commitAll(["locked"])];
    const claims = [claimAll(["locked", "inserted"], "two"), claimAll(["inserted"], "three")];
    // Their batches leave.
    await new Promise((resolve) => setImmediate(resolve));
    await commitAll(["a"]);
    expect(await claimAll(["a", "b"], "two")).toEqual([{ state: "done" }, NEW]);
    await client.query("ROLLBACK");
    await Promise.all(commits);
    const [locked, ...inserted] = (await Promise.all(claims)).flat().map(({ state }) => state);
    expect(locked).toMatch(/busy|done/);
    expect(new Set(inserted)).toEqual(new Set(["busy", "claimed"]));
  });

  it("fails the calls of a batch if the server is killed, and never reports what was not kept", async () => {
    const own = openPool(server);
    const { store, claimAll } = await open(own);
    const kept: string[] = [];
    let failures = 0;
    const flood = async (name: number) => {
      for (let call = 0; failures < 20; call += 1) {
        const key = `${name} ${call}`;
        try {
          await store.claim(key, "one", LEASE_MS);
          await store.commit(key, "one", RETAIN_MS);
          if (kept.push(key) === 200) await server.kill();
        } catch (error) {
          failures += 1;
          expect(error).toBeInstanceOf(Error);
        }
      }
    };
    await Promise.all(Array.from({ length: 40 }, (_, name) => flood(name)));
    await server.start();
    expect(await claimAll(kept, "two")).toEqual(kept.map(() => ({ state: "done" })));
    expect(await claimAll(["new"])).toEqual([NEW]);
  });

  it("refuses deliveries with 503 while the server is down, and accepts them afterwards", async () => {
    const onWarning = vi.fn();
    const { store } = await open(openPool(server), { onWarning });
    const handler = vi.fn();
    const receiver = createReceiver({ secret, on: { "*": handler }, store, onOutcome: () => undefined });
    const delivery = signDelivery({ secret, event: createEvent("message.opened") });
    await server.kill();
    expect(await receiver.receive(delivery)).toMatchObject({
      status: 503,
      body: '{"code":"store_unavailable"}',
    });
    expect(handler).not.toHaveBeenCalled();
    await server.start();
    expect((await receiver.receive(delivery)).status).toBe(204);
    expect(handler).toHaveBeenCalledTimes(1);
    // Without a listener on the pool, this error would have ended the process.
    expect(onWarning).toHaveBeenCalledWith(expect.stringMatching(/^PostgreSQL closed an idle connection: /));
  });
});
