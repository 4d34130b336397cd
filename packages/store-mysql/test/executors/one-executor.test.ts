import { AsyncLocalStorage } from "node:async_hooks";

import { type Handlers, type Outcome, createReceiver } from "@ahasend-webhooks/core";
import { type TestServer, hasMysql, required, startMysql } from "@ahasend-webhooks/harness";
import { createEvent, signDelivery, storeCases } from "@ahasend-webhooks/testing";
import { storeModel } from "@ahasend-webhooks/testing/store-model";
import fc from "fast-check";
import { CompiledQuery, Kysely, MysqlDialect, type Transaction } from "kysely";
import mysql from "mysql2";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";

import {
  type MysqlStoreOptions as AllOptions,
  type SqlExecutor,
  type SqlQuery,
  fromKysely,
  mysqlStore,
} from "../../src/index.js";
import { newTable } from "../database.js";

type MysqlStoreOptions = Omit<AllOptions, "mode">;
const secret = "aha-whsec-Zk4vT9wQ2mX7bN1sL6pR3yC8dF5gH0jA";

interface Tables {
  effects: { delivery: string };
}
type Tx = Transaction<Tables>;

// What does not depend on the library is shown with one of them.
describe.skipIf(!required("MariaDB", hasMysql()))("an executor", () => {
  let server: TestServer;
  let db: Kysely<Tables>;
  let executor: SqlExecutor<Tx>;
  beforeAll(async () => {
    server = await startMysql();
    db = new Kysely<Tables>({ dialect: new MysqlDialect({ pool: mysql.createPool(server.url) }) });
    executor = fromKysely(db);
    await executor.query("CREATE TABLE effects (id int AUTO_INCREMENT PRIMARY KEY, delivery varchar(300))");
  });
  afterAll(async () => {
    await db.destroy();
    await server.stop();
  });

  const openStore = async (on: SqlExecutor<Tx>, options: MysqlStoreOptions = {}) => {
    const settings = { sweepIntervalSeconds: 0, table: newTable(), ...options };
    // The executor under test may be unable to.
    await mysqlStore(executor, settings).migrate();
    return mysqlStore(on, { ...settings, mode: "transaction" as const });
  };

  /** Delivers an event once. @returns what happened, and the effects of the delivery that are kept */
  const deliver = async (
    on: SqlExecutor<Tx>,
    handler: NonNullable<Handlers<{ tx: Tx }>["*"]>,
    options: MysqlStoreOptions = {},
  ) => {
    const outcomes: Outcome[] = [];
    const receiver = createReceiver({
      secret,
      store: await openStore(on, options),
      inFlightWaitSeconds: 0,
      on: { "*": handler },
      onOutcome: (outcome) => outcomes.push(outcome),
    });
    const delivery = signDelivery({ secret, event: createEvent("message.opened") });
    const { status } = await receiver.receive(delivery);
    const id = delivery.headers["webhook-id"];
    const effects = await db.selectFrom("effects").selectAll().where("delivery", "=", id).execute();
    return { status, outcome: outcomes[0], effects: effects.length };
  };

  const write: NonNullable<Handlers<{ tx: Tx }>["*"]> = (_event, { tx, deliveryId }) =>
    tx.insertInto("effects").values({ delivery: deliveryId }).execute();

  const readId = async (on: Kysely<Tables>) => {
    const { rows } = await on.executeQuery<{ id: number }>(CompiledQuery.raw("SELECT connection_id() AS id"));
    return rows[0]!.id;
  };

  const readConnections = async () => {
    const { rows } = await executor.query("SELECT id FROM information_schema.processlist");
    return rows.map((row) => (row as { id: number }).id);
  };

  /** Returns an executor that runs the statements of its transactions in another way. */
  const withQuery = (
    run: (sql: string, query: SqlQuery, tx: Tx) => ReturnType<SqlQuery>,
  ): SqlExecutor<Tx> => ({
    query: executor.query,
    transaction: (work) => executor.transaction((tx, query) => work(tx, (sql) => run(sql, query, tx))),
  });

  it("ends a transaction that exceeds idleTimeoutSeconds", async () => {
    const { status, effects } = await deliver(
      executor,
      async (event, context) => {
        await write(event, context);
        const id = await readId(context.tx);
        await vi.waitFor(async () => expect(await readConnections()).not.toContain(id), 10_000);
      },
      { idleTimeoutSeconds: 1 },
    );
    expect({ status, effects }).toEqual({ status: 503, effects: 0 });
  });

  it("cancels a statement that exceeds statementTimeoutSeconds", async () => {
    const { outcome } = await deliver(
      executor,
      (_event, { tx }) => tx.executeQuery(CompiledQuery.raw("SELECT sleep(60)")),
      { statementTimeoutSeconds: 0.2 },
    );
    expect(outcome).toMatchObject({ code: "handler_failed" });
  });

  it("is refused if it does not begin a transaction, before the handler runs", async () => {
    const handler = vi.fn();
    const broken: SqlExecutor<Tx> = {
      query: executor.query,
      transaction: (work) => db.connection().execute((tx) => work(tx as Tx, fromKysely(tx as Tx).query)),
    };
    const { outcome } = await deliver(broken, handler);
    expect(outcome).toMatchObject({
      code: "store_unavailable",
      error: {
        cause: { message: expect.stringMatching(/^The executor has not begun a transaction /) as string },
      },
    });
    expect(handler).not.toHaveBeenCalled();
  });

  it("is refused if it does not run the work", async () => {
    const broken = { query: executor.query, transaction: async () => undefined as never };
    const { outcome } = await deliver(broken, write);
    expect(outcome).toMatchObject({
      error: {
        cause: { message: expect.stringMatching(/^The executor has not run the transaction: /) as string },
      },
    });
  });

  const STATEMENTS = ["get_lock", "SET @", "INSERT INTO", "SET token = NULL, done = 1"];
  it.each<[string, () => unknown, readonly string[]]>([
    ["undefined", () => undefined, STATEMENTS],
    ["rows without a number", () => ({ rows: [{ result: "done 0" }] }), STATEMENTS],
    ["the number of rows as a string", () => ({ rows: [], affectedRows: "1" }), STATEMENTS],
    ["a number in place of a string", () => ({ rows: [{ result: 1 }], affectedRows: 0 }), ["get_lock"]],
  ])("is never trusted if it returns %s, and keeps no lock", async (_what, getResult, words) => {
    for (const word of words) {
      let lock = "";
      const broken = withQuery(async (sql, query) => {
        lock ||= /get_lock\((.*?), 0\)/.exec(sql)?.[1] ?? "";
        const result = await query(sql);
        return sql.includes(word) ? (getResult() as typeof result) : result;
      });
      const { status, effects } = await deliver(broken, write);
      expect({ word, status, effects }).toEqual({ word, status: 503, effects: 0 });
      const { rows } = await executor.query(`SELECT is_free_lock(${lock}) AS result`);
      expect(rows).toEqual([{ result: 1 }]);
    }
  });

  it("does not keep a connection that it cannot restore", async () => {
    let id: number | undefined;
    const broken = withQuery(async (sql, query, tx) => {
      id = await readId(tx);
      return sql.includes("release_lock") ? Promise.reject(new Error("no")) : query(sql);
    });
    const { status, effects } = await deliver(broken, write);
    expect({ status, effects }).toEqual({ status: 503, effects: 0 });
    await vi.waitFor(async () => expect(await readConnections()).not.toContain(id), 10_000);
  });

  it("refuses connections whose autocommit is switched off, in lease mode", async () => {
    const pool = mysql.createPool(server.url);
    pool.on("connection", (connection) => void connection.query("SET SESSION autocommit = 0"));
    const manual = new Kysely<Tables>({ dialect: new MysqlDialect({ pool }) });
    onTestFinished(() => manual.destroy());
    const store = mysqlStore(fromKysely(manual), { sweepIntervalSeconds: 0 });
    await expect(store.claim("a", "one", 1000)).rejects.toThrow(/has autocommit switched off/);
  });

  describe("with a transaction in an AsyncLocalStorage", () => {
    const storage = new AsyncLocalStorage<Tx>();
    const joining: SqlExecutor<Tx> = {
      query: (sql) => fromKysely(storage.getStore() ?? db).query(sql),
      transaction: (work) => executor.transaction((tx, query) => storage.run(tx, () => work(tx, query))),
    };

    it("is joined by the services of the handler", async () => {
      const insert = (delivery: string) =>
        (storage.getStore() ?? db).insertInto("effects").values({ delivery }).execute();
      const kept = await deliver(joining, (_event, { deliveryId }) => insert(deliveryId));
      expect(kept).toMatchObject({ status: 204, effects: 1 });
      const undone = await deliver(joining, async (_event, { deliveryId }) => {
        await insert(deliveryId);
        throw new Error("no");
      });
      expect(undone).toMatchObject({ status: 500, effects: 0 });
    });

    it("is not joined by claims and receipts of lease mode", async () => {
      const store = mysqlStore(joining, { sweepIntervalSeconds: 0, table: newTable() });
      await store.migrate();
      const rolledBack = joining.transaction(async () => {
        await store.claim("a", "one", 60_000);
        await store.commit("a", "one", 60_000);
        throw new Error("no");
      });
      await expect(rolledBack).rejects.toThrow("no");
      expect(await store.claim("a", "two", 60_000)).toEqual({ state: "done" });
    });
  });

  describe("in lease mode", () => {
    const open = async () => {
      let time = 1_784_041_401_000;
      const options = { sweepIntervalSeconds: 0, table: newTable(), retentionSeconds: 14 * 3600 };
      const store = mysqlStore(executor, { ...options, now: () => time });
      await store.migrate();
      return { store, advance: (ms: number) => void (time += ms) };
    };

    it.each(storeCases)("$name", async ({ run }) => run(await open()));

    it("agrees with the model for any sequence of steps", async () => {
      await fc.assert(storeModel(open), { numRuns: 20 });
    });
  });
});
