import { type IdempotencyStore, createReceiver } from "@ahasend-webhooks/core";
import { type TestServer, hasMysql, required, startMysql } from "@ahasend-webhooks/harness";
import { createEvent, signDelivery, storeCases, storeClockCases } from "@ahasend-webhooks/testing";
import { storeModel } from "@ahasend-webhooks/testing/store-model";
import fc from "fast-check";
import callbackMysql from "mysql2";
import mysql from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";

import { type MysqlStoreOptions, type PoolLike, migrationSql, mysqlStore } from "../src/index.js";
import { newTable, openPool } from "./database.js";
import { receiveUntilDone } from "./receive-until-done.js";

const secret = "aha-whsec-Zk4vT9wQ2mX7bN1sL6pR3yC8dF5gH0jA";
const LEASE_MS = 1000;
const NOW = 1_784_041_401_000;

describe.skipIf(!required("MariaDB", hasMysql()))("lease mode", () => {
  let server: TestServer;
  let pool: mysql.Pool;
  beforeAll(async () => {
    server = await startMysql();
    pool = mysql.createPool({ uri: server.url });
  });
  afterAll(async () => {
    await pool.end();
    await server.stop();
  });

  const open = async (options: MysqlStoreOptions = {}, on: PoolLike = pool) => {
    const store = mysqlStore(on, { table: newTable(), sweepIntervalSeconds: 0, ...options, mode: "lease" });
    onTestFinished(() => store.close());
    await store.migrate();
    return store;
  };
  const openWithClock = async (options: MysqlStoreOptions = {}, on: PoolLike = pool) => {
    let time = NOW;
    const store = await open({ ...options, now: () => time }, on);
    return { store, advance: (ms: number) => void (time += ms) };
  };

  it.each(storeCases)("$name", async ({ run }) => run(await openWithClock()));

  it.each(storeClockCases)("$name", async ({ run }) => run({ store: await open() }));

  it("agrees with the model for any sequence of steps", async () => {
    const { store, advance } = await openWithClock({ retentionSeconds: 14 * 3600 });
    let run = 0;
    const property = storeModel(() => ({ store: withPrefix(store, `${(run += 1)}:`), advance }));
    await fc.assert(property, { numRuns: 150 });
  });

  it("handles each delivery once across several receivers whose keys overlap, without a deadlock", async () => {
    const handler = vi.fn();
    const table = newTable();
    const receivers = await Promise.all(
      [1, 2, 3].map(async () =>
        createReceiver({ secret, on: { "*": handler }, store: await open({ table }, openPool(server)) }),
      ),
    );
    const deliveries = Array.from({ length: 50 }, () =>
      signDelivery({ secret, event: createEvent("message.opened") }),
    );
    await Promise.all(
      deliveries.flatMap((delivery) => receivers.map((receiver) => receiveUntilDone(receiver, delivery))),
    );
    expect(handler).toHaveBeenCalledTimes(50);
    const [rows] = await pool.query("SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'");
    expect(rows).toMatchObject([{ Value: "0" }]);
  });

  describe("a pool that is configured in an odd way", () => {
    const odd: Record<string, { options?: callbackMysql.PoolOptions; session?: string }> = {
      "one connection": { options: { connectionLimit: 1 } },
      "rows as arrays and everything as strings": {
        options: { rowsAsArray: true, bigNumberStrings: true, supportBigNumbers: true, dateStrings: true },
      },
      "values of its own": {
        options: {
          typeCast: () => "x",
          namedPlaceholders: true,
          timezone: "+05:00",
          queryFormat: (sql: string) => sql.replaceAll("?", "NULL"),
        },
      },
      "nested tables, affected rows only and many statements": {
        options: { nestTables: "_", flags: ["-FOUND_ROWS"], multipleStatements: true },
      },
      "another time zone, character set and isolation level": {
        options: { charset: "latin1_swedish_ci", multipleStatements: true },
        session: "SET SESSION time_zone = '-11:00'; SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE",
      },
      "the SQL of the standard": {
        session:
          "SET SESSION sql_mode = 'ANSI,ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES,HIGH_NOT_PRECEDENCE'",
      },
      "no strict mode": { session: "SET SESSION sql_mode = ''" },
      "simultaneous assignments": { session: "SET SESSION sql_mode = 'SIMULTANEOUS_ASSIGNMENT'" },
    };
    it.each(Object.entries(odd))("meets the contract with %s", async (_name, { options, session }) => {
      const own = callbackMysql.createPool({ uri: server.url, ...options });
      onTestFinished(() => own.promise().end());
      if (session !== undefined) own.on("connection", (connection) => connection.query(session));
      for (const { run } of storeCases) await run(await openWithClock({}, own));
      const key = (end: string) => `${"k".repeat(600)}${end}`;
      const store = await open({}, own);
      await store.commit(key("a"), "one", 60_000);
      expect(await store.claim(key("a"), "two", LEASE_MS)).toEqual({ state: "done" });
      expect(await store.claim(key("b"), "two", LEASE_MS)).toEqual({ state: "claimed", attempt: 1 });
      expect(await store.sweep()).toBe(0);
    });

    it.each([
      ["a transaction that was not ended", "START TRANSACTION"],
      ["autocommit switched off", "SET SESSION autocommit = 0"],
    ])("refuses a connection with %s instead of losing receipts", async (_what, sql) => {
      const own = openPool(server, { connectionLimit: 1 });
      const table = newTable();
      const store = await open({ table }, own);
      const leave = async () => {
        const connection = await own.getConnection();
        await connection.query(sql);
        await connection.query("INSERT INTO left_over VALUES (1)");
        connection.release();
      };
      await own.query("CREATE TABLE IF NOT EXISTS left_over (n int) ENGINE = InnoDB");
      const transactions = mysqlStore(own, { table, mode: "transaction", sweepIntervalSeconds: 0 });
      for (const attempt of [
        () => store.claim("a", "one", LEASE_MS),
        () => store.commit("a", "one", 60_000),
        () => transactions.run("a", () => Promise.resolve()),
      ]) {
        await leave();
        await expect(attempt()).rejects.toThrow(
          /^A connection of the pool is in a transaction that somebody has not ended, or has autocommit switched off: /,
        );
        // The connection was not returned to the pool.
        expect(await own.query("SELECT count(*) AS n FROM left_over")).toMatchObject([[{ n: 0 }], {}]);
      }
      expect(await store.claim("a", "one", LEASE_MS)).toEqual({ state: "claimed", attempt: 1 });
    });
  });

  describe("sweep", () => {
    it("deletes expired deliveries and nothing else", async () => {
      const { store, advance } = await openWithClock({ retentionSeconds: 13 * 3600 });
      for (const key of ["abandoned", "released", "renewed"]) await store.claim(key, "one", LEASE_MS);
      await store.commit("old", "one", 1000);
      await store.release("released", "one");
      advance(13 * 3_600_000 - 500);
      await store.claim("live", "one", LEASE_MS);
      await store.commit("young", "one", 60_000);
      await store.renew("renewed", "one", 60_000);
      advance(1000);
      expect(await store.sweep()).toBe(3);
      expect(await store.claim("live", "two", LEASE_MS)).toEqual({ state: "claimed", attempt: 2 });
      expect(await store.claim("young", "two", LEASE_MS)).toEqual({ state: "done" });
      expect(await store.claim("renewed", "two", LEASE_MS)).toMatchObject({ state: "busy" });
      expect(await store.claim("released", "two", LEASE_MS)).toEqual({ state: "claimed", attempt: 1 });
    });

    it("deletes in batches until nothing is left, beside other sweeps and claims", async () => {
      const table = newTable();
      const { store, advance } = await openWithClock({ table });
      const other = await open({ table, now: () => NOW + 1000 });
      const rows = Array.from({ length: 2500 }, (_, n) => [`k${n}`, 1, NOW]);
      await pool.query("INSERT INTO ?? (`key`, done, keep_until) VALUES ?", [table, rows]);
      advance(1000);
      const [one, two, ...claims] = await Promise.all([
        store.sweep(),
        other.sweep(),
        ...Array.from({ length: 50 }, (_, n) => store.claim(`k${n}x`, "one", LEASE_MS)),
      ]);
      expect(one + two + (await store.sweep())).toBe(2500);
      expect(claims.every(({ state }) => state === "claimed")).toBe(true);
    });

    it("sweeps periodically until the store is closed, and warns if it fails", async () => {
      const onWarning = vi.fn();
      const table = newTable();
      const store = mysqlStore(pool, { table, sweepIntervalSeconds: 0.01, onWarning });
      onTestFinished(() => store.close());
      await vi.waitFor(
        () =>
          expect(onWarning).toHaveBeenCalledWith(
            expect.stringMatching(/^Expired deliveries were not deleted: .*migrate/),
          ),
        10_000,
      );
      await store.migrate();
      await pool.query("INSERT INTO ?? (`key`, done, keep_until) VALUES ('a', 1, 0)", [table]);
      const count = async () => (await pool.query("SELECT * FROM ??", [table]))[0];
      await vi.waitFor(async () => expect(await count()).toEqual([]), 10_000);
    });
  });

  it("warns with each reason why it cannot sweep", async () => {
    const onWarning = vi.fn();
    // As Node.js reports that it has tried all addresses of a host.
    const refused = new AggregateError([new Error("connect ECONNREFUSED ::1:3306")]);
    const unreachable: PoolLike = { getConnection: () => Promise.reject(refused) };
    const store = mysqlStore(unreachable, { sweepIntervalSeconds: 0.01, onWarning });
    onTestFinished(() => store.close());
    const reason: unknown = expect.stringMatching(
      /^Expired deliveries were not deleted: .*ECONNREFUSED ::1/s,
    );
    await vi.waitFor(() => expect(onWarning).toHaveBeenCalledWith(reason));
  });

  it("creates the table once when many processes call migrate() at the same time and again", async () => {
    const schema = newTable();
    const stores = Array.from({ length: 10 }, () => mysqlStore(pool, { schema, sweepIntervalSeconds: 0 }));
    await Promise.all(stores.map((store) => store.migrate()));
    expect(await stores[0]!.claim("a", "one", LEASE_MS)).toEqual({ state: "claimed", attempt: 1 });
    for (const store of stores) await store.migrate();
    expect(await stores[1]!.claim("a", "two", LEASE_MS)).toMatchObject({ state: "busy" });
  });

  it("uses a table that another tool created with migrationSql()", async () => {
    const names = { schema: newTable(), table: "receipts" };
    const tool = openPool(server, { multipleStatements: true });
    await tool.query(migrationSql(names));
    const store = mysqlStore(pool, { ...names, sweepIntervalSeconds: 0 });
    expect(await store.claim("a", "one", LEASE_MS)).toEqual({ state: "claimed", attempt: 1 });
  });

  describe("an error that a change of the set-up cures", () => {
    const onTable = (table: string) => mysqlStore(pool, { table, sweepIntervalSeconds: 0 });

    it("names migrate() if the table does not exist", async () => {
      for (const options of [{ table: newTable() }, { schema: newTable() }]) {
        const store = mysqlStore(pool, { ...options, sweepIntervalSeconds: 0 });
        await expect(store.claim("a", "one", LEASE_MS)).rejects.toThrow(
          /^The table .* does not exist: call await store\.migrate\(\) at start/,
        );
      }
    });

    it.each([
      [
        "has other columns",
        "(`key` varbinary(512), done int)",
        /without the columns token, attempt, leased_until, keep_until: set /,
      ],
      [
        "compares keys by a collation",
        "(`key` varchar(255), token varbinary(64), attempt int, leased_until bigint, done int, keep_until bigint)",
        /^The column key of the table .* must be a varbinary: set /,
      ],
    ])("names the columns if the table %s", async (_what, columns, message) => {
      const table = newTable();
      await pool.query(`CREATE TABLE ?? ${columns}`, [table]);
      await expect(onTable(table).migrate()).rejects.toThrow(message);
    });

    it("names the engine if the table has no transactions", async () => {
      const table = newTable();
      await onTable(table).migrate();
      await pool.query("ALTER TABLE ?? ENGINE = MyISAM", [table]);
      await expect(onTable(table).migrate()).rejects.toThrow(
        /has no transactions: run ALTER TABLE .* ENGINE = InnoDB\.$/,
      );
    });

    it("names the option if the connections have no database", async () => {
      const url = server.url.replace(/\/test$/, "");
      const store = mysqlStore(openPool({ url }), { sweepIntervalSeconds: 0 });
      await expect(store.migrate()).rejects.toThrow(/^The connections of the pool have no database: /);
    });

    it("names the rights that the user of the pool lacks, in both modes, and never its password", async () => {
      await pool.query("CREATE USER app@'%' IDENTIFIED BY 'hunter2'");
      await pool.query("CREATE DATABASE rights");
      await pool.query(
        migrationSql({ table: "granted" }).replace("`granted`", "rights.granted").replace(/;\s*$/, ""),
      );
      await pool.query("GRANT SELECT ON rights.granted TO app@'%'");
      const url = new URL(server.url);
      Object.assign(url, { username: "app", password: "hunter2", pathname: "/rights" });
      const app = openPool({ url: url.href });
      const options = { table: "granted", sweepIntervalSeconds: 0 };
      const store = mysqlStore(app, options);
      await store.migrate();
      const message =
        /is not allowed to use the table `granted`: GRANT SELECT, INSERT, UPDATE, DELETE ON `granted` to /;
      await expect(store.claim("a", "one", LEASE_MS)).rejects.toThrow(message);
      const transactions = mysqlStore(app, { ...options, mode: "transaction" });
      await expect(transactions.run("a", () => Promise.resolve())).rejects.toThrow(message);
      const missing = mysqlStore(app, { sweepIntervalSeconds: 0 }).migrate();
      await expect(missing).rejects.toThrow(
        /is not allowed to create the table .*: run the SQL of migrationSql\(\) as a user who is, then GRANT /,
      );
      await expect(missing).rejects.not.toThrow(/hunter2/);
      await pool.query("GRANT INSERT, UPDATE, DELETE ON rights.granted TO app@'%'");
      expect(await store.claim("a", "one", LEASE_MS)).toEqual({ state: "claimed", attempt: 1 });
    });
  });

  it("refuses deliveries with 503 while the server is down, and accepts them afterwards", async () => {
    const store = await open();
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
  });
});

/** Prefixes the keys of a store, so that several can use one table. */
function withPrefix(store: IdempotencyStore, prefix: string): IdempotencyStore {
  return {
    retentionSeconds: store.retentionSeconds,
    claim: (key, token, ms) => store.claim(prefix + key, token, ms),
    renew: (key, token, ms) => store.renew(prefix + key, token, ms),
    commit: (key, token, ms) => store.commit(prefix + key, token, ms),
    release: (key, token) => store.release(prefix + key, token),
  };
}
