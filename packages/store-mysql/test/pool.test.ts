import { createReceiver } from "@ahasend-webhooks/core";
import { type TestServer, hasMysql, required, startMysql } from "@ahasend-webhooks/harness";
import { createEvent, signDelivery } from "@ahasend-webhooks/testing";
import { drizzle } from "drizzle-orm/mysql2";
import callbackMysql from "mysql2";
import mysql from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type MysqlStoreOptions, type PoolLike, mysqlStore } from "../src/index.js";

const secret = "aha-whsec-Zk4vT9wQ2mX7bN1sL6pR3yC8dF5gH0jA";

describe("mysqlStore without a server", () => {
  const url = "mysql://user:password@127.0.0.1:1/db";
  const pool = mysql.createPool(url);
  afterAll(() => pool.end());

  it.each<[string, unknown, RegExp]>([
    ["undefined", undefined, /but got undefined\.$/],
    ["null", null, /but got null\.$/],
    ["a URL", url, /but got string\.$/],
    ["options", { uri: url }, /but got an instance of Object\.$/],
    ["a promise", Promise.resolve(), /but got a Promise: await it first\.$/],
    ["a connection", { query() {}, beginTransaction() {} }, /but got a connection: pass a pool, /],
    [
      "a connection of a pool",
      { query() {}, release() {} },
      /a connection checked out of a pool: pass the pool\.$/,
    ],
    ["a cluster", callbackMysql.createPoolCluster(), /but got a PoolCluster: /],
    [
      "the function createPool",
      mysql.createPool,
      /the function or class create\w*Pool: pass a pool created with it\.$/,
    ],
    [
      "Drizzle's database",
      drizzle({ client: pool }),
      /but got a database of Drizzle: pass fromDrizzle\(db\)\.$/,
    ],
    ["Prisma's client", { $queryRawUnsafe() {} }, /: pass fromPrisma\(prisma\)\.$/],
    ["half an executor", { query() {} }, /but got an instance of Object\.$/],
  ])("refuses %s and names its type, never its value", (_name, value, message) => {
    const make = () => mysqlStore(value as PoolLike);
    expect(make).toThrow(message);
    expect(make).toThrow(
      /^mysqlStore needs a pool of mysql2 \(mysql\.createPool\(\)\) or an executor, but got /,
    );
    expect(make).not.toThrow(/password/);
  });

  it.each<[RegExp, MysqlStoreOptions]>([
    [/^retentionSeconds must be from 46800 \(13 hours, .*\) to 315360000 /, { retentionSeconds: 12 * 3600 }],
    [/^retentionSeconds must be from /, { retentionSeconds: Number.NaN }],
    [/^mode must be "lease" or "transaction"\.$/, { mode: "both" as "lease" }],
    [/^sweepIntervalSeconds must be a number of seconds from 0 to 2147483 /, { sweepIntervalSeconds: -1 }],
    [/^idleTimeoutSeconds must be a number of seconds/, { idleTimeoutSeconds: Number.NaN }],
    [/^schema must be a non-empty string /, { schema: "" }],
    [/^mod is not an option: did you mean mode\?$/, { mod: "transaction" } as MysqlStoreOptions],
    [/^onWarning must be a function/, { onWarning: "console" as never }],
    [/^table must be a non-empty string /, { table: "a\0b" }],
    [/^table must be shorter: 64 characters is the maximum /, { table: "x".repeat(65) }],
  ])("refuses an option that does not match: %s", (message, options) => {
    expect(() => mysqlStore(pool, options as { mode?: "lease" })).toThrow(message);
  });
});

describe.skipIf(!required("MariaDB", hasMysql()))("mysqlStore with a pool that changes results", () => {
  let server: TestServer;
  let pool: mysql.Pool;
  beforeAll(async () => {
    server = await startMysql();
    pool = mysql.createPool(server.url);
    await mysqlStore(pool, { sweepIntervalSeconds: 0 }).migrate();
  });
  afterAll(async () => {
    await pool.end();
    await server.stop();
  });

  /** Returns a pool with other results for the statements that contain a word. */
  const withResult = (getResult: () => unknown, word: string) => ({
    async getConnection() {
      const connection = await pool.getConnection();
      const query = connection.query.bind(connection) as (options: { sql: string }) => unknown;
      return new Proxy(connection, {
        get(target, property) {
          if (property === "query")
            return (options: { sql: string }) => (options.sql.includes(word) ? getResult() : query(options));
          const value: unknown = Reflect.get(target, property, target);
          return typeof value === "function" ? (value.bind(target) as unknown) : value;
        },
      });
    },
  });

  const quiet = { sweepIntervalSeconds: 0 };
  const results: [string, () => unknown][] = [
    ["undefined", () => undefined],
    ["a promise of null", () => Promise.resolve(null)],
    ["a result without fields", () => Promise.resolve({ affectedRows: 1, serverStatus: 2 })],
    ["a header without a status", () => Promise.resolve([{ affectedRows: 1 }, undefined])],
    ["done as a number", () => Promise.resolve([[{ result: 1 }], []])],
    ["done in capitals", () => Promise.resolve([[{ result: "DONE 0" }], []])],
    ["a row of null", () => Promise.resolve([[null], []])],
    [
      "an error thrown at once",
      () => {
        throw new Error("no");
      },
    ],
  ];
  const statements = [
    ["lease", "INSERT INTO"],
    ["lease", "AS result FROM"],
    ["lease", "ON DUPLICATE KEY"],
    ["transaction", "get_lock"],
    ["transaction", "SET @"],
    ["transaction", "AS result FROM"],
    ["transaction", "SET token = NULL, done = 1"],
    ["transaction", "COMMIT"],
  ] as const;
  it.each(statements)(
    "never trusts another result in %s mode than that of the driver for %s",
    async (mode, word) => {
      const receive = async (getResult: () => unknown) => {
        const store = mysqlStore(withResult(getResult, word), { ...quiet, mode: mode as "lease" });
        const codes: string[] = [];
        const receiver = createReceiver({
          secret,
          store,
          inFlightWaitSeconds: 0,
          on: { "*": () => undefined },
          onOutcome: ({ code, storeError }) => codes.push(storeError?.code ?? code),
        });
        const delivery = signDelivery({ secret, event: createEvent("message.opened") });
        const key = `default:${delivery.headers["webhook-id"]}`;
        // So that there is a row, and its state is looked at.
        if (word === "AS result FROM") await mysqlStore(pool, quiet).claim(key, "one", 60_000);
        await receiver.receive(delivery);
        return codes;
      };
      const received = results.map(async ([what, getResult]) => [what, await receive(getResult)]);
      expect(await Promise.all(received)).toEqual(results.map(([what]) => [what, ["store_unavailable"]]));
    },
  );
});
