import { type Handlers, type Outcome, createReceiver } from "@ahasend-webhooks/core";
import { type TestServer, hasMysql, required, startMysql } from "@ahasend-webhooks/harness";
import { type SignedDelivery, createEvent, signDelivery, transactionCases } from "@ahasend-webhooks/testing";
import mysql from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { type MysqlStoreOptions, mysqlStore } from "../src/index.js";
import { newTable, openPool } from "./database.js";
import { receiveUntilDone } from "./receive-until-done.js";

const secret = "aha-whsec-Zk4vT9wQ2mX7bN1sL6pR3yC8dF5gH0jA";
type On = Handlers<{ client: mysql.PoolConnection }>;

const newDelivery = () => signDelivery({ secret, event: createEvent("message.opened") });

/** Creates a promise that resolves when `open` is called. */
function createGate() {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
}

describe.skipIf(!required("MariaDB", hasMysql()))("transaction mode", () => {
  let server: TestServer;
  let pool: mysql.Pool;
  beforeAll(async () => {
    server = await startMysql();
    pool = mysql.createPool({ uri: server.url });
    await pool.query("CREATE TABLE effects (id bigint AUTO_INCREMENT PRIMARY KEY, delivery varchar(300))");
  });
  afterAll(async () => {
    await pool.end();
    await server.stop();
  });

  const write: On["*"] = (_event, { client, deliveryId }) =>
    client.query("INSERT INTO effects (delivery) VALUES (?)", [deliveryId]);

  type OpenOptions = Omit<MysqlStoreOptions, "mode"> & { on?: mysql.Pool; deadlineSeconds?: number };
  const open = async (handler: NonNullable<On["*"]>, openOptions: OpenOptions = {}) => {
    const { on = pool, deadlineSeconds = 4.5, table = newTable(), ...options } = openOptions;
    const store = mysqlStore(on, { sweepIntervalSeconds: 0, ...options, table, mode: "transaction" });
    await store.migrate();
    const outcomes: Outcome[] = [];
    const receiver = createReceiver({
      secret,
      store,
      deadlineSeconds,
      inFlightWaitSeconds: 0,
      on: { "*": handler },
      onOutcome: (outcome) => outcomes.push(outcome),
    });
    return { receiver, outcomes, table };
  };

  const countEffects = async ({ headers }: SignedDelivery): Promise<number> => {
    const sql = "SELECT * FROM effects WHERE delivery = ?";
    const [rows] = await pool.query<mysql.RowDataPacket[]>(sql, [headers["webhook-id"]]);
    return rows.length;
  };

  it.each(transactionCases)("$name", async ({ run }) => {
    let time = 1_784_041_401_000;
    const options = { table: newTable(), mode: "transaction", sweepIntervalSeconds: 0 } as const;
    const store = mysqlStore(pool, { ...options, retentionSeconds: 14 * 3600, now: () => time });
    await store.migrate();
    await run({ store, advance: (ms) => void (time += ms) });
  });

  it("commits the handler's writes together with the receipt, and nothing of a handler that throws", async () => {
    let fails = true;
    const { receiver, outcomes } = await open(async (event, context) => {
      await write(event, context);
      if (fails) throw new Error("no");
    });
    const delivery = newDelivery();
    expect((await receiver.receive(delivery)).status).toBe(500);
    expect(await countEffects(delivery)).toBe(0);
    fails = false;
    for (let copy = 0; copy < 2; copy += 1) expect((await receiver.receive(delivery)).status).toBe(204);
    expect(outcomes).toMatchObject([{ code: "handler_failed" }, { kind: "handled" }, { kind: "duplicate" }]);
    expect(await countEffects(delivery)).toBe(1);
  });

  it("keeps the writes of one of 20 copies at once, across processes", async () => {
    const table = newTable();
    const receivers = await Promise.all(
      [1, 2].map(async () => (await open(write, { table, on: openPool(server) })).receiver),
    );
    const deliveries = Array.from({ length: 4 }, newDelivery);
    const copies = Array.from({ length: 10 }, () => receivers).flat();
    await Promise.all(
      deliveries.flatMap((delivery) => copies.map((receiver) => receiveUntilDone(receiver, delivery))),
    );
    expect(await Promise.all(deliveries.map(countEffects))).toEqual(deliveries.map(() => 1));
  });

  it("replies 409 to duplicates while another process handles the delivery, without holding a connection", async () => {
    const { open: finish, opened } = createGate();
    const started = createGate();
    const { receiver, table } = await open(async (event, context) => {
      await write(event, context);
      started.open();
      await opened;
    });
    const other = await open(write, { table, on: openPool(server, { connectionLimit: 1 }) });
    const delivery = newDelivery();
    const first = receiver.receive(delivery);
    await started.opened;
    const duplicates = await Promise.all([1, 2, 3].map(() => other.receiver.receive(delivery)));
    expect(duplicates.map(({ status }) => status)).toEqual([409, 409, 409]);
    expect((await other.receiver.receive(newDelivery())).status).toBe(204);
    finish();
    expect((await first).status).toBe(204);
    expect((await other.receiver.receive(delivery)).status).toBe(204);
    expect(await countEffects(delivery)).toBe(1);
  });

  it("lets a handler finish once after its deadline", async () => {
    const finish = createGate();
    const { receiver, outcomes } = await open(
      async (event, context) => {
        await write(event, context);
        await finish.opened;
      },
      { deadlineSeconds: 0.2 },
    );
    const delivery = newDelivery();
    expect((await receiver.receive(delivery)).status).toBe(503);
    expect((await receiver.receive(delivery)).status).toBe(409);
    finish.open();
    await vi.waitFor(() => expect(outcomes.at(-1)).toMatchObject({ kind: "handled", late: true }), 10_000);
    expect((await receiver.receive(delivery)).status).toBe(204);
    expect(await countEffects(delivery)).toBe(1);
  });

  it("handles deliveries whose lease has ended, and refuses those whose lease is live", async () => {
    const { receiver, table } = await open(write);
    const leases = mysqlStore(pool, { table, sweepIntervalSeconds: 0 });
    const [live, ended, done] = [newDelivery(), newDelivery(), newDelivery()];
    const toKey = ({ headers }: SignedDelivery) => `default:${headers["webhook-id"]}`;
    for (const delivery of [live, ended]) await leases.claim(toKey(delivery), "one", 60_000);
    await leases.release(toKey(ended), "one");
    await leases.commit(toKey(done), "one", 60_000);
    const replies = await Promise.all([live, ended, done].map((delivery) => receiver.receive(delivery)));
    expect(replies.map(({ status }) => status)).toEqual([409, 204, 204]);
    expect(await Promise.all([live, ended, done].map(countEffects))).toEqual([0, 1, 0]);
  });

  it.each([
    ["deadlock", "40001", 1213],
    ["timeout of a lock", "HY000", 1205],
  ])("replies 503 after a %s, even if a query builder has wrapped it", async (_what, state, errno) => {
    const { receiver } = await open(async (event, context) => {
      await write(event, context);
      await context.client
        .query(`SIGNAL SQLSTATE '${state}' SET MYSQL_ERRNO = ${errno}, MESSAGE_TEXT = 'collision'`)
        .catch((cause: unknown) => {
          throw new Error("The query failed.", { cause });
        });
    });
    const delivery = newDelivery();
    expect(await receiver.receive(delivery)).toMatchObject({
      status: 503,
      body: '{"code":"store_unavailable"}',
    });
    expect(await countEffects(delivery)).toBe(0);
  });

  it("keeps nothing if the handler catches a deadlock and continues", async () => {
    await pool.query("CREATE TABLE rivals (n int PRIMARY KEY, filler text)");
    // The server chooses the transaction that has written less.
    await pool.query("INSERT INTO rivals VALUES ?", [Array.from({ length: 50 }, (_, n) => [n, "x"])]);
    let meets = true;
    const { receiver, outcomes } = await open(async (event, context) => {
      await write(event, context);
      if (meets) {
        const rival = await pool.getConnection();
        await rival.beginTransaction();
        await rival.query("UPDATE rivals SET filler = 'rival' WHERE n > 1");
        await context.client.query("UPDATE rivals SET filler = 'handler' WHERE n = 1");
        const waits = rival.query("UPDATE rivals SET filler = 'rival' WHERE n = 1");
        const error = await context.client
          .query("UPDATE rivals SET filler = 'handler' WHERE n = 2")
          .catch((reason: unknown) => reason);
        expect(error).toMatchObject({ errno: 1213 });
        await waits;
        await rival.rollback();
        rival.release();
      }
      await write(event, context);
    });
    const delivery = newDelivery();
    expect((await receiver.receive(delivery)).status).toBe(500);
    expect(outcomes[0]).toMatchObject({
      code: "handler_failed",
      error: {
        message: expect.stringMatching(/^The receipt has left the transaction, .*deadlock/) as string,
      },
    });
    expect(await countEffects(delivery)).toBe(0);
    meets = false;
    expect((await receiver.receive(delivery)).status).toBe(204);
    expect(await countEffects(delivery)).toBe(2);
  });

  it("keeps what was written before an error of one statement that the handler catches", async () => {
    const { receiver } = await open(async (event, context) => {
      await write(event, context);
      await context.client.query("INSERT INTO nowhere VALUES (1)").catch(() => undefined);
    });
    const delivery = newDelivery();
    expect((await receiver.receive(delivery)).status).toBe(204);
    expect(await countEffects(delivery)).toBe(1);
  });

  it("restores the session, and does not keep the lock", async () => {
    const one = openPool(server, { connectionLimit: 1 });
    const { receiver } = await open(write, { on: one });
    const session =
      "SELECT @@autocommit, @@wait_timeout, @@innodb_lock_wait_timeout, @@max_statement_time, connection_id()";
    await one.query("SET SESSION wait_timeout = 1234, SESSION innodb_lock_wait_timeout = 12");
    const [before] = await one.query(session);
    const delivery = newDelivery();
    for (let copy = 0; copy < 2; copy += 1) await receiver.receive(delivery);
    expect((await one.query(session))[0]).toEqual(before);
    expect(await one.query("SELECT release_all_locks() AS locks")).toMatchObject([[{ locks: 0 }], {}]);
  });

  it("works with a pool that has autocommit switched off, and leaves it so", async () => {
    const manual = openPool(server, { connectionLimit: 1 });
    manual.on("connection", (connection) => void connection.query("SET SESSION autocommit = 0"));
    const { receiver } = await open(write, { on: manual });
    const delivery = newDelivery();
    for (let copy = 0; copy < 2; copy += 1) expect((await receiver.receive(delivery)).status).toBe(204);
    expect(await countEffects(delivery)).toBe(1);
    expect(await manual.query("SELECT @@autocommit AS autocommit")).toMatchObject([[{ autocommit: 0 }], {}]);
  });

  it("rolls back running handlers when the receiver closes, so that the pool can end", async () => {
    const own = mysql.createPool({ uri: server.url });
    const started = createGate();
    const { receiver } = await open(
      async (event, context) => {
        await write(event, context);
        started.open();
        await new Promise(() => undefined);
      },
      { on: own },
    );
    const delivery = newDelivery();
    const reply = receiver.receive(delivery);
    await started.opened;
    await receiver.close({ timeoutSeconds: 0 });
    expect(await reply).toMatchObject({ status: 503, body: '{"code":"closing"}' });
    await own.end();
    expect(await countEffects(delivery)).toBe(0);
  });

  it("lets the server end a transaction that exceeds idleTimeoutSeconds", async () => {
    const { receiver } = await open(
      async (event, context) => {
        await write(event, context);
        await new Promise((resolve) => context.client.once("error", resolve));
      },
      { idleTimeoutSeconds: 0.5 },
    );
    const delivery = newDelivery();
    expect(await receiver.receive(delivery)).toMatchObject({
      status: 503,
      body: '{"code":"store_unavailable"}',
    });
    expect(await countEffects(delivery)).toBe(0);
  });

  it("lets the server cancel a statement that exceeds statementTimeoutSeconds", async () => {
    const { receiver, outcomes } = await open((_event, { client }) => client.query("SELECT sleep(60)"), {
      statementTimeoutSeconds: 0.2,
    });
    expect((await receiver.receive(newDelivery())).status).toBe(500);
    expect(outcomes).toMatchObject([{ error: { cause: { message: /max_statement_time/ } } }]);
  });

  it("replies 503 if the pool has no free connection, and releases one that arrives late", async () => {
    const small = openPool(server, { connectionLimit: 1 });
    const { receiver } = await open(write, { on: small });
    const taken = await small.getConnection();
    const delivery = newDelivery();
    expect((await receiver.receive(delivery)).status).toBe(503);
    taken.release();
    await vi.waitFor(async () => expect((await receiver.receive(delivery)).status).toBe(204), 10_000);
    expect(await countEffects(delivery)).toBe(1);
  });

  it("replies 503 if the server is killed during a handler or its query, and succeeds at the next attempt", async () => {
    let kills = true;
    const { receiver } = await open(async (event, context) => {
      await write(event, context);
      if (kills) await Promise.all([context.client.query("SELECT sleep(5)"), server.kill()]);
    });
    const delivery = newDelivery();
    for (let attempt = 0; attempt < 2; attempt += 1) {
      expect(await receiver.receive(delivery)).toMatchObject({
        status: 503,
        body: '{"code":"store_unavailable"}',
      });
    }
    kills = false;
    await server.start();
    expect((await receiver.receive(delivery)).status).toBe(204);
    expect(await countEffects(delivery)).toBe(1);
  });

  it('refuses onStoreError: "process"', () => {
    const store = mysqlStore(pool, { mode: "transaction", sweepIntervalSeconds: 0 });
    expect(() => createReceiver({ secret, on: {}, store, onStoreError: "process" })).toThrow(
      /^onStoreError must not be "process" with this store: /,
    );
  });
});
