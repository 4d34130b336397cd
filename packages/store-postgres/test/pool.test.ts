import { createReceiver } from "@ahasend-webhooks/core";
import { hasPostgres, required } from "@ahasend-webhooks/harness";
import { createEvent, signDelivery, storeCases, transactionCases } from "@ahasend-webhooks/testing";
import pg from "pg";
import pgPromise from "pg-promise";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";

import { type PoolLike, postgresStore } from "../src/index.js";
import { type SharedServer, createOwnDatabase, newSchema, openPool } from "./database.js";

const secret = "aha-whsec-Zk4vT9wQ2mX7bN1sL6pR3yC8dF5gH0jA";
const modes = ["lease", "transaction"] as const;

describe("postgresStore without a pool", () => {
  const url = "postgres://user:password@localhost/db";
  const database = pgPromise()(url);
  afterAll(() => database.$pool.end());

  it.each<[string, unknown, RegExp]>([
    ["undefined", undefined, /but got undefined\.$/],
    ["null", null, /but got null\.$/],
    ["a URL", url, /but got string\.$/],
    ["options", { connectionString: url }, /but got an instance of Object\.$/],
    ["a Client", new pg.Client(url), /but got a Client, which is one connection: pass a Pool\.$/],
    [
      "a client of a pool",
      { query() {}, connect() {}, release() {} },
      /a client checked out of a pool: pass the pool\.$/,
    ],
    ["a promise", Promise.resolve(), /but got a Promise: await it first\.$/],
    ["the class pg.Pool", pg.Pool, /but got the function or class \w+: pass a pool created with it\.$/],
    ["pg-promise's database", database, /but got a database of pg-promise: pass its \$pool property\.$/],
  ])("refuses %s and names its type, never its value", (_name, value, message) => {
    for (const mode of modes) {
      const make = () => postgresStore(value as PoolLike, { mode: mode as "lease" });
      expect(make).toThrow(message);
      expect(make).toThrow(/^postgresStore needs a pool of pg \(new Pool\(\)\) or an executor, but got /);
      expect(make).not.toThrow(/password/);
    }
  });

  it("accepts the pool of pg-promise", () => {
    const store = postgresStore(database.$pool as unknown as PoolLike);
    store.close();
  });
});

describe.skipIf(!required("PostgreSQL", hasPostgres()))("postgresStore", () => {
  let server: SharedServer;
  let pool: pg.Pool;
  beforeAll(async () => {
    server = await createOwnDatabase();
    pool = new pg.Pool({ connectionString: server.url });
  });
  afterAll(async () => {
    await pool.end();
  });

  /** Returns the pool with other results for the statements that match. */
  const withResult = (getResult: () => unknown, pattern: RegExp): pg.Pool => {
    const wrap = <T extends object>(target: T): T =>
      new Proxy(target, {
        get(inner, property) {
          const value: unknown = Reflect.get(inner, property, inner);
          if (typeof value !== "function") return value;
          if (property === "query") {
            return (query: { text: string }) =>
              pattern.test(query.text) ? getResult() : (value.call(inner, query) as unknown);
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

  const row = (result: unknown) => () =>
    Promise.resolve({ rows: [{ result }], rowCount: 1, command: "SELECT" });
  describe.each(modes)("in %s mode", (mode) => {
    it.each<[string, () => unknown]>([
      ["undefined", () => undefined],
      ["a promise of undefined", () => Promise.resolve()],
      ["null", () => Promise.resolve(null)],
      ["no rows", () => Promise.resolve({ rows: [], rowCount: 0 })],
      ["rows only", () => Promise.resolve([{ result: "done 0" }])],
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
    ])("never treats a delivery as done if a statement returns %s", async (_what, getResult) => {
      const { codes, handled } = await receive(withResult(getResult, /AS result|unnest/), mode);
      expect(codes).toEqual(["store_unavailable", "store_unavailable"]);
      expect(handled).toBe(0);
    });

    it("ignores the type parsers and row modes of the application", async () => {
      const types: pg.CustomTypesConfig = {
        getTypeParser: (oid: number) => (value: string) =>
          ({
            16: value === "t" ? "yes" : "no",
            20: BigInt(/^\d+$/.test(value) ? value : 0),
            23: `#${value}`,
            25: { value },
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
  ])("refuses the delivery if writing the receipt returns %s", async (_what, getResult) => {
    const { codes } = await receive(withResult(getResult, /\(key, done/), "lease");
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
  ])("never treats a delivery as done if COMMIT returns %s", async (_what, getResult) => {
    const { codes } = await receive(withResult(getResult, /; COMMIT/), "transaction");
    expect(codes).toEqual(["store_unavailable", "store_unavailable"]);
  });

  it("never treats a delivery as done if the pool connects to undefined", async () => {
    const broken = { query: pool.query.bind(pool), connect: () => Promise.resolve() } as unknown as pg.Pool;
    expect(await receive(broken, "transaction")).toEqual({
      codes: ["store_unavailable", "store_unavailable"],
      handled: 0,
    });
  });

  it.each(storeCases)("with a pool of one connection: $name", async ({ run }) => {
    let time = 1_784_041_401_000;
    const store = postgresStore(openPool(server, { max: 1 }), { schema: newSchema(), now: () => time });
    onTestFinished(() => store.close());
    await store.migrate();
    await run({ store, advance: (ms) => void (time += ms) });
  });

  it("keeps the async context of each caller with a pool of two connections", async () => {
    const store = postgresStore(openPool(server, { max: 2 }), { schema: newSchema(), mode: "transaction" });
    onTestFinished(() => store.close());
    await store.migrate();
    const context = transactionCases.find(({ name }) => name.includes("async context"));
    await context!.run({ store, advance: () => undefined });
  });
});
