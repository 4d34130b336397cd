import { createReceiver } from "@ahasend-webhooks/core";
import { type TestServer, hasPostgres, required, startPostgres } from "@ahasend-webhooks/harness";
import { createEvent, signDelivery, storeCases, transactionCases } from "@ahasend-webhooks/testing";
import { drizzle } from "drizzle-orm/node-postgres";
import pg from "pg";
import pgPromise from "pg-promise";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";

import { type PoolLike, postgresStore } from "../src/index.js";
import { newSchema, openPool } from "./database.js";

const secret = "aha-whsec-Zk4vT9wQ2mX7bN1sL6pR3yC8dF5gH0jA";
const modes = ["lease", "transaction"] as const;

describe("what is not a pool", () => {
  const url = "postgres://user:password@localhost/db";
  const database = pgPromise()(url);
  afterAll(() => database.$pool.end());

  it.each<[string, unknown, RegExp]>([
    ["undefined", undefined, /was given undefined\.$/],
    ["null", null, /was given null\.$/],
    ["a URL", url, /was given string\.$/],
    ["options", { connectionString: url }, /was given an object of the class Object\.$/],
    ["a Client", new pg.Client(url), /was given a Client, which is one connection: pass a Pool\.$/],
    [
      "a client of a pool",
      { query() {}, connect() {}, release() {} },
      /a client checked out of a pool: pass the pool\.$/,
    ],
    ["a promise", Promise.resolve(), /was given a Promise: await it first\.$/],
    ["the class", pg.Pool, /was given the function or class \w+: pass what it makes\.$/],
    ["pg-promise's database", database, /was given a database of pg-promise: pass its property \$pool\.$/],
    ["Drizzle's database", drizzle(url), /was given a database of Drizzle: pass the pool /],
    [
      "TypeORM's DataSource",
      { query() {}, connect() {}, createQueryRunner() {} },
      /a DataSource of TypeORM: /,
    ],
  ])("is refused with its type and never its value: %s", (_name, value, message) => {
    for (const mode of modes) {
      const make = () => postgresStore(value as PoolLike, { mode: mode as "lease" });
      expect(make).toThrow(message);
      expect(make).toThrow(/^postgresStore needs a pool of pg \(new Pool\(\)\), but was given /);
      expect(make).not.toThrow(/password/);
    }
  });

  it("is not said of pg-promise's pool", () => {
    const store = postgresStore(database.$pool as unknown as PoolLike);
    store.close();
  });
});

describe.skipIf(!required("PostgreSQL", hasPostgres()))("a pool", () => {
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

  /** The answer of a stranger's pool, to all statements or to those that contain a word. */
  const strange = (answer: () => unknown, word = ""): pg.Pool => {
    const wrap = <T extends object>(target: T): T =>
      new Proxy(target, {
        get(inner, property) {
          const value: unknown = Reflect.get(inner, property, inner);
          if (typeof value !== "function") return value;
          if (property === "query") {
            return (query: { text: string }) =>
              query.text.includes(word) ? answer() : (value.call(inner, query) as unknown);
          }
          if (property !== "connect") return value.bind(inner) as unknown;
          return async () => wrap((await value.call(inner)) as pg.PoolClient);
        },
      });
    return wrap(pool);
  };
  const receive = async (on: pg.Pool, mode: "lease" | "transaction") => {
    const schema = newSchema();
    await postgresStore(pool, { schema, sweepIntervalSeconds: 0 }).migrate();
    const handler = vi.fn();
    const store = postgresStore(on, { schema, sweepIntervalSeconds: 0, mode: mode as "lease" });
    const codes: string[] = [];
    const receiver = createReceiver({
      secret,
      store,
      inFlightWaitSeconds: 0,
      on: { "*": handler },
      onOutcome: (outcome) => codes.push(outcome.storeError?.code ?? outcome.code),
    });
    const delivery = signDelivery({ secret, event: createEvent("message.opened") });
    for (let copy = 0; copy < 2; copy += 1) await receiver.receive(delivery);
    return { codes, handled: handler.mock.calls.length };
  };

  const row = (reply: unknown) => () =>
    Promise.resolve({ rows: [{ reply }], rowCount: 1, command: "SELECT" });
  describe.each(modes)("in %s mode", (mode) => {
    it.each<[string, () => unknown]>([
      ["undefined", () => undefined],
      ["a promise of undefined", () => Promise.resolve()],
      ["null", () => Promise.resolve(null)],
      ["no rows", () => Promise.resolve({ rows: [], rowCount: 0 })],
      ["rows only", () => Promise.resolve([{ reply: "done 0" }])],
      ["done as a boolean", row(true)],
      ["done as a number", row(1)],
      ["done in capitals", row("DONE 0")],
      ["claimed without a number", row("claimed")],
      ["an empty row", () => Promise.resolve({ rows: [{}], rowCount: 1 })],
      ["a row of null", () => Promise.resolve({ rows: [null], rowCount: 1 })],
      [
        "an error thrown at once",
        () => {
          throw new Error("no");
        },
      ],
    ])("that answers statements with %s never leads to a receipt", async (_what, answer) => {
      const { codes, handled } = await receive(strange(answer, "AS reply"), mode);
      expect(codes).toEqual(["store_unavailable", "store_unavailable"]);
      expect(handled).toBe(0);
    });

    it("is understood whatever type parsers, row modes and promises the application has set", async () => {
      const types: pg.CustomTypesConfig = {
        getTypeParser: (oid: number) => (value: string) =>
          ({
            16: value === "t" ? "yes" : "no",
            20: BigInt(/^\d+$/.test(value) ? value : 0),
            23: `#${value}`,
          })[oid] ?? value,
      };
      const custom = openPool(server, { types });
      const arrays = new Proxy(custom, {
        get: (inner, property) =>
          property === "query"
            ? (query: pg.QueryConfig) => inner.query({ ...query, rowMode: "array" })
            : (Reflect.get(inner, property, inner) as unknown),
      });
      expect(await receive(arrays, mode)).toEqual({ codes: ["handled", "duplicate"], handled: 1 });
    });
  });

  it.each<[string, () => unknown]>([
    ["undefined", () => Promise.resolve()],
    ["no row count", () => Promise.resolve({ rows: [] })],
    ["no row written", () => Promise.resolve({ rows: [], rowCount: 0 })],
  ])("that answers the receipt of a lease with %s makes it known", async (_what, answer) => {
    const { codes } = await receive(strange(answer, "VALUES ($1, true"), "lease");
    expect(codes[0]).toBe("store_unavailable");
  });

  it.each<[string, () => unknown]>([
    ["undefined", () => Promise.resolve()],
    [
      "ROLLBACK",
      () =>
        Promise.resolve([
          { rows: [], command: "RELEASE" },
          { rows: [], command: "ROLLBACK" },
        ]),
    ],
    ["one result", () => Promise.resolve({ rows: [], command: "RELEASE" })],
  ])("that answers COMMIT with %s never leads to a receipt", async (_what, answer) => {
    const { codes } = await receive(strange(answer, "; COMMIT"), "transaction");
    expect(codes).toEqual(["store_unavailable", "store_unavailable"]);
  });

  it("never writes a receipt through a pool that connects to nothing", async () => {
    const broken = { query: pool.query.bind(pool), connect: () => Promise.resolve() } as unknown as pg.Pool;
    expect(await receive(broken, "transaction")).toEqual({
      codes: ["store_unavailable", "store_unavailable"],
      handled: 0,
    });
  });

  it.each(storeCases)("with one connection: $name", async ({ run }) => {
    let time = 1_784_041_401_000;
    const store = postgresStore(openPool(server, { max: 1 }), { schema: newSchema(), now: () => time });
    onTestFinished(() => store.close());
    await store.migrate();
    await run({ store, advance: (ms) => void (time += ms) });
  });

  it("with few connections keeps the async context of each caller", async () => {
    const store = postgresStore(openPool(server, { max: 2 }), { schema: newSchema(), mode: "transaction" });
    onTestFinished(() => store.close());
    await store.migrate();
    const context = transactionCases.find(({ name }) => name.includes("async context"));
    await context!.run({ store, advance: () => undefined });
  });
});
