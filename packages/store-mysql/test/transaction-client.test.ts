import { type Handlers, type Outcome, createReceiver } from "@ahasend-webhooks/core";
import { type TestServer, hasMysql, required, startMysql } from "@ahasend-webhooks/harness";
import { createEvent, signDelivery, transactionCases } from "@ahasend-webhooks/testing";
import { drizzle } from "drizzle-orm/mysql2";
import { mysqlTable, varchar } from "drizzle-orm/mysql-core";
import callbackMysql from "mysql2";
import mysql from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";

import { type MysqlStoreOptions, type MysqlTransactionalStore, mysqlStore } from "../src/index.js";
import { newTable } from "./database.js";

const secret = "aha-whsec-Zk4vT9wQ2mX7bN1sL6pR3yC8dF5gH0jA";
const effects = mysqlTable("client_effects", { delivery: varchar({ length: 300 }).notNull() });

type Client = mysql.PoolConnection;
type CallbackClient = callbackMysql.PoolConnection;

describe.skipIf(!required("MariaDB", hasMysql()))("context.client", () => {
  let server: TestServer;
  /** With one connection: what a delivery leaves on it meets the next one. */
  let pool: callbackMysql.Pool;
  let promisePool: mysql.Pool;
  beforeAll(async () => {
    server = await startMysql();
    pool = callbackMysql.createPool({ uri: server.url, connectionLimit: 1, multipleStatements: true });
    promisePool = mysql.createPool({ uri: server.url, connectionLimit: 1, multipleStatements: true });
    await promisePool.query("CREATE TABLE client_effects (delivery varchar(300) NOT NULL)");
    await promisePool.query("CREATE PROCEDURE commits() COMMIT");
    await promisePool.query("CREATE PROCEDURE rolls_back() ROLLBACK");
  });
  afterAll(async () => {
    await Promise.all([pool.promise().end(), promisePool.end()]);
    await server.stop();
  });

  type Handler<C> = (client: C, deliveryId: string) => unknown;
  const insert = "INSERT INTO client_effects VALUES (?)";
  const newOptions = (options: MysqlStoreOptions = {}) =>
    ({ table: newTable(), sweepIntervalSeconds: 0, ...options, mode: "transaction" }) as const;

  /** Receives one delivery once for each handler; the handler of attempt n is `handlers[n]`. */
  const receive = async <C>(
    store: MysqlTransactionalStore<{ readonly client: C }>,
    handlers: Handler<C>[],
    write: (client: C, deliveryId: string) => Promise<unknown>,
  ) => {
    await store.migrate();
    const outcomes: Outcome[] = [];
    let attempt = 0;
    const on: Handlers<{ client: C }> = {
      "*": async (_event, { client, deliveryId }) => {
        await write(client, deliveryId);
        await handlers[attempt]!(client, deliveryId);
      },
    };
    const receiver = createReceiver({ secret, on, store, onOutcome: (outcome) => outcomes.push(outcome) });
    const delivery = signDelivery({ secret, event: createEvent("message.opened") });
    for (; attempt < handlers.length; attempt += 1) await receiver.receive(delivery);
    const sql = "SELECT * FROM client_effects WHERE delivery = ?";
    const [rows] = await promisePool.query<mysql.RowDataPacket[]>(sql, [delivery.headers["webhook-id"]]);
    return { outcomes, codes: outcomes.map(({ code }) => code), effects: rows.length };
  };
  const withPromises = (handlers: Handler<Client>[], options?: MysqlStoreOptions) =>
    receive(mysqlStore(promisePool, newOptions(options)), handlers, (client, id) =>
      client.query(insert, [id]),
    );
  const withCallbacks = (handlers: Handler<CallbackClient>[]) =>
    receive(mysqlStore(pool, newOptions()), handlers, (client, id) =>
      call((done) => client.query(insert, [id], done)),
    );
  const succeed = () => undefined;

  type Forms<C> = Record<string, (client: C, sql: string) => unknown>;
  const promiseForms: Forms<Client> = {
    "a string": (client, sql) => client.query(sql),
    "an object": (client, sql) => client.query({ sql }, []),
    "a prepared statement": (client, sql) => client.execute(sql),
    "a statement that is only prepared": (client, sql) => client.prepare(sql),
    "one of several statements": (client, sql) => client.query(`SELECT 1; ${sql}`),
    "a query of the connection inside": (client, sql) =>
      call((done) => (client as unknown as { connection: CallbackClient }).connection.query(sql, done)),
    "a method": (client) => client.commit(),
  };
  const callbackForms: Forms<CallbackClient> = {
    "a callback": (client, sql) => call((done) => client.query(sql, done)),
    "values and a callback": (client, sql) => call((done) => client.execute({ sql }, [], done)),
    "a query object": (client, sql) =>
      call((done) => {
        const driver = callbackMysql as unknown as { createQuery(...args: unknown[]): never };
        return client.query(driver.createQuery(sql, [], done, {}));
      }),
    "a method with a callback": (client) => call((done) => client.commit(done)),
    "a query of the connection with promises": (client, sql) => client.promise().query(sql),
    "a stream": async (client, sql) => client.query(sql).stream(),
  };
  const attempts = [
    ...Object.entries(promiseForms).map(
      ([form, attempt]) =>
        [
          form,
          (after: (sent: unknown) => unknown) =>
            withPromises([(client) => after(attempt(client, "COMMIT")), succeed]),
        ] as const,
    ),
    ...Object.entries(callbackForms).map(
      ([form, attempt]) =>
        [
          form,
          (after: (sent: unknown) => unknown) =>
            withCallbacks([(client) => after(attempt(client, "COMMIT")), succeed]),
        ] as const,
    ),
  ];

  it.each(attempts)("rejects COMMIT as %s, so that everything is rolled back", async (_form, run) => {
    const thrown = await run((sent) => sent);
    expect(thrown.codes).toEqual(["handler_failed", "handled"]);
    const message = /COMMIT through context\.client is not allowed, .*: leave transactions to the store/;
    expect(thrown.outcomes[0]).toMatchObject({
      error: { cause: { message: expect.stringMatching(message) as string } },
    });
    expect(thrown.effects).toBe(1);
    const caught = await run((sent) => Promise.resolve(sent).catch(() => undefined));
    expect(caught.codes).toEqual(["handler_failed", "handled"]);
    expect(caught.outcomes[0]).toMatchObject({
      error: { message: expect.stringMatching(/^The transaction was rolled back\. COMMIT /) as string },
    });
    expect(caught.effects).toBe(1);
  });

  it.each<[string, (client: Client) => unknown]>([
    ["a table that is created", (client) => client.query("CREATE TABLE late_table (n int)")],
    ["autocommit that is switched on", (client) => client.query("SET autocommit = 1")],
    ["a transaction that is begun", (client) => client.beginTransaction()],
    ["a rollback", (client) => client.rollback()],
    ["another user", (client) => client.changeUser({ user: "root" })],
  ])("fails the delivery after %s, even without an await", async (_what, send) => {
    const { codes, effects: kept } = await withPromises([(client) => void send(client), succeed]);
    expect(codes).toEqual(["handler_failed", "handled"]);
    expect(kept).toBe(1);
  });

  it("fails the delivery if a procedure rolls back, and keeps nothing", async () => {
    const { outcomes, effects: kept } = await withPromises([
      async (client, deliveryId) => {
        await client.query("CALL rolls_back()");
        await client.query(insert, [deliveryId]);
      },
    ]);
    expect(outcomes).toMatchObject([
      {
        code: "handler_failed",
        error: { message: expect.stringMatching(/leave COMMIT and ROLLBACK to the store/) as string },
      },
    ]);
    expect(kept).toBe(0);
  });

  it("repeats a delivery whose handler fails after a procedure has committed, instead of losing it", async () => {
    const { codes } = await withPromises([
      async (client) => {
        await client.query("CALL commits()");
        throw new Error("no");
      },
      succeed,
      succeed,
    ]);
    expect(codes).toEqual(["handler_failed", "handled", "duplicate"]);
  });

  it("allows savepoints, temporary tables and streams", async () => {
    const { codes, effects: kept } = await withCallbacks([
      async (client, deliveryId) => {
        const promises = client.promise();
        await promises.query("SAVEPOINT mine");
        await promises.query(insert, [deliveryId]);
        await promises.query("ROLLBACK TO SAVEPOINT mine; SAVEPOINT other; RELEASE SAVEPOINT other");
        await promises.query("CREATE TEMPORARY TABLE mine (n int); DROP TEMPORARY TABLE mine");
        const rows: unknown[] = [];
        for await (const row of client.query("SELECT 1 AS n").stream()) rows.push(row);
        expect(rows).toEqual([{ n: 1 }]);
        expect(client.on("drain", () => undefined)).toBe(client);
        expect(client.escape("it's")).toBe("'it\\'s'");
      },
    ]);
    expect(codes).toEqual(["handled"]);
    expect(kept).toBe(1);
  });

  it("ignores release, end and destroy, which are left to the store", async () => {
    const { codes, effects: kept } = await withPromises([
      async (client, deliveryId) => {
        client.release();
        client.destroy();
        await client.end();
        await client.query(insert, [deliveryId]);
      },
      succeed,
    ]);
    expect(codes).toEqual(["handled", "duplicate"]);
    expect(kept).toBe(2);
  });

  it("keeps methods that a handler assigns off the connection of the pool", async () => {
    const seen: unknown[] = [];
    const { codes } = await withPromises([
      async (client) => {
        const query = client.query.bind(client) as (sql: string) => Promise<unknown>;
        Object.assign(client, { query: (sql: string) => (seen.push(sql), query(sql)) });
        await client.query("SELECT 1");
      },
    ]);
    expect(codes).toEqual(["handled"]);
    await promisePool.query("SELECT 2");
    expect(seen).toEqual(["SELECT 1"]);
  });

  it("rejects queries after the transaction has ended, with one warning", async () => {
    const onWarning = vi.fn();
    let late: Client | undefined;
    const { codes } = await withPromises([(client) => void (late = client)], { onWarning });
    expect(codes).toEqual(["handled"]);
    for (const sql of ["DELETE FROM client_effects", "SELECT 1"]) {
      await expect(late!.query(sql)).rejects.toThrow(/has ended: await every query in the handler\.$/);
    }
    expect(onWarning).toHaveBeenCalledTimes(1);
  });

  it("works with Drizzle, but rejects its own transactions", async () => {
    const { codes, effects: kept } = await withPromises([
      async (client, deliveryId) => {
        await drizzle({ client }).transaction((tx) => tx.insert(effects).values({ delivery: deliveryId }));
        throw new Error("an error after the inner transaction");
      },
      (client, deliveryId) => drizzle({ client }).insert(effects).values({ delivery: deliveryId }),
      succeed,
    ]);
    expect(codes).toEqual(["handler_failed", "handled", "duplicate"]);
    expect(kept).toBe(2);
  });

  it.each(transactionCases)("with callbacks: $name", async ({ run }) => {
    let time = 1_784_041_401_000;
    const ten = callbackMysql.createPool({ uri: server.url });
    onTestFinished(() => ten.promise().end());
    const store = mysqlStore(ten, newOptions({ retentionSeconds: 14 * 3600, now: () => time }));
    await store.migrate();
    await run({ store, advance: (ms) => void (time += ms) });
  });
});

/** Waits for the callback of a query. */
function call(start: (callback: (error: unknown) => void) => unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const done = (error: unknown) =>
      error === null || error === undefined ? resolve(undefined) : reject(error);
    start(done);
  });
}
