import { type Outcome, createReceiver } from "@ahasend-webhooks/core";
import {
  type TestServer,
  createMysqlDatabase,
  hasMysql,
  required,
  startMysql,
} from "@ahasend-webhooks/harness";
import {
  type SignedDelivery,
  createEvent,
  signDelivery,
  storeCases,
  transactionCases,
} from "@ahasend-webhooks/testing";
import { Kysely, MysqlDialect } from "kysely";
import callbackMysql from "mysql2";
import mysql from "mysql2/promise";
import { DataSource } from "typeorm";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";

import { type MysqlStoreOptions, type SqlExecutor, mysqlStore } from "../../src/index.js";
import { newTable } from "../database.js";
import { receiveUntilDone } from "../receive-until-done.js";
import type { ExecutorUnderTest } from "./executor-under-test.js";
import { openDrizzle, openKysely, openPrisma, openTypeOrm } from "./orms.js";

const secret = "aha-whsec-Zk4vT9wQ2mX7bN1sL6pR3yC8dF5gH0jA";
const newDelivery = () => signDelivery({ secret, event: createEvent("message.opened") });

const executors: Record<string, (url: string) => ExecutorUnderTest | Promise<ExecutorUnderTest>> = {
  fromDrizzle: openDrizzle,
  fromKysely: openKysely,
  fromPrisma: openPrisma,
  fromTypeOrm: openTypeOrm,
};

/** The cases that the way of a library to pass statements on and to report errors can break. */
const LEASE_CASES = /simultaneous claims|renews a lease|for every owner and beyond its lease|exact keys/;

describe.skipIf(!required("MariaDB", hasMysql()))("the executor", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startMysql();
  });
  afterAll(() => server.stop());

  describe.each(Object.entries(executors))("%s", (name, openExecutor) => {
    let subject: ExecutorUnderTest;
    let pool: mysql.Pool;
    beforeAll(async () => {
      const url = await createMysqlDatabase(server, name.toLowerCase());
      pool = mysql.createPool(url);
      await pool.query(
        "CREATE TABLE effects (id int AUTO_INCREMENT PRIMARY KEY, delivery varchar(300) NOT NULL)",
      );
      await pool.query("CREATE TABLE rivals (n int PRIMARY KEY, filler text)");
      // To end a deadlock, the server chooses the transaction that has written less.
      await pool.query("INSERT INTO rivals VALUES ?", [Array.from({ length: 50 }, (_, n) => [n, "x"])]);
      subject = await openExecutor(url);
    });
    afterAll(async () => {
      await subject.close();
      await pool.end();
    });

    const countEffects = async ({ headers }: SignedDelivery): Promise<number> => {
      const sql = "SELECT * FROM effects WHERE delivery = ?";
      return (await pool.query<mysql.RowDataPacket[]>(sql, [headers["webhook-id"]]))[0].length;
    };

    const quiet = { sweepIntervalSeconds: 0 };

    /** Opens a receiver whose handler writes an effect and then runs the fault of the attempt. */
    const open = async (faults: ((tx: never) => unknown)[] = [], options: MysqlStoreOptions = {}) => {
      const settings = { ...quiet, table: newTable(), ...options, mode: "transaction" } as const;
      const store = mysqlStore(subject.executor, settings);
      await store.migrate();
      const outcomes: Outcome[] = [];
      const receiver = createReceiver({
        secret,
        store,
        inFlightWaitSeconds: 0,
        onOutcome: (outcome) => outcomes.push(outcome),
        on: {
          "*": async (_event, { tx, deliveryId }) => {
            await subject.write(tx, deliveryId);
            await faults.shift()?.(tx);
          },
        },
      });
      return { receiver, outcomes };
    };

    /** Makes the server roll back the transaction of the handler. @returns the error */
    const ignoreDeadlock = async (tx: never) => {
      const rival = await pool.getConnection();
      await rival.beginTransaction();
      await rival.query("UPDATE rivals SET filler = 'rival' WHERE n > 1");
      await subject.run(tx, "UPDATE rivals SET filler = 'handler' WHERE n = 1");
      const waits = rival.query("UPDATE rivals SET filler = 'rival' WHERE n = 1");
      const error = await Promise.resolve(
        subject.run(tx, "UPDATE rivals SET filler = 'handler' WHERE n = 2"),
      ).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(Error);
      await waits;
      await rival.rollback();
      rival.release();
      return error;
    };

    it.each(transactionCases)("transaction mode: $name", async ({ run }) => {
      let time = 1_784_041_401_000;
      const options = { ...quiet, table: newTable(), mode: "transaction", now: () => time } as const;
      const store = mysqlStore(subject.executor, { ...options, retentionSeconds: 14 * 3600 });
      await store.migrate();
      await run({ store, advance: (ms) => void (time += ms) });
    });

    it("commits the handler's writes together with the receipt, once", async () => {
      const { receiver, outcomes } = await open();
      const delivery = newDelivery();
      for (let copy = 0; copy < 2; copy += 1) expect((await receiver.receive(delivery)).status).toBe(204);
      expect(outcomes).toMatchObject([{ kind: "handled" }, { kind: "duplicate" }]);
      expect(await countEffects(delivery)).toBe(1);
    });

    const INSERT = "INSERT INTO effects (delivery) VALUES ('late')";
    const readLate = async () => (await pool.query("SELECT * FROM effects WHERE delivery = 'late'"))[0];
    const faults: [string, number, (tx: never) => unknown][] = [
      ["throws", 500, () => Promise.reject(new Error("no"))],
      ["rolls back", 500, (tx) => subject.run(tx, "ROLLBACK")],
      ["rolls back and writes on", 500, (tx) => ignoreErrors(subject, tx, "ROLLBACK", INSERT)],
      ["meets a deadlock", 503, async (tx) => Promise.reject(await ignoreDeadlock(tx))],
      [
        "loses its connection",
        503,
        async (tx) => {
          await ignoreErrors(subject, tx, "KILL CONNECTION connection_id()");
        },
      ],
    ];
    it.each(faults)(
      "keeps nothing if the handler %s (%i), and everything at the next attempt",
      async (_what, status, fault) => {
        const { receiver } = await open([fault]);
        const delivery = newDelivery();
        expect((await receiver.receive(delivery)).status).toBe(status);
        expect(await countEffects(delivery)).toBe(0);
        expect(await readLate()).toEqual([]);
        await receiveUntilDone(receiver, delivery);
        expect(await countEffects(delivery)).toBe(1);
      },
    );

    it("fails the delivery if the handler commits, and keeps nothing that it writes afterwards", async () => {
      const { receiver, outcomes } = await open([(tx) => ignoreErrors(subject, tx, "COMMIT", INSERT)]);
      const delivery = newDelivery();
      expect((await receiver.receive(delivery)).status).toBe(500);
      expect(outcomes).toMatchObject([{ code: "handler_failed" }]);
      expect(await readLate()).toEqual([]);
      expect((await receiver.receive(delivery)).status).toBe(204);
      expect((await receiver.receive(delivery)).status).toBe(204);
      expect(await countEffects(delivery)).toBe(2);
    });

    it("fails the delivery if the handler ignores a deadlock, and keeps nothing that it wrote before", async () => {
      const { receiver } = await open([
        async (tx) => {
          await ignoreDeadlock(tx);
          await ignoreErrors(subject, tx, INSERT, INSERT);
        },
      ]);
      const delivery = newDelivery();
      expect((await receiver.receive(delivery)).status).toBe(500);
      expect(await countEffects(delivery)).toBe(0);
      // The server takes one statement before it remembers that transactions may only read.
      expect(await readLate()).toHaveLength(1);
      await pool.query("DELETE FROM effects WHERE delivery = 'late'");
      await receiveUntilDone(receiver, delivery);
      expect(await countEffects(delivery)).toBe(1);
    });

    it("keeps what was written before the error of one statement that the handler ignores", async () => {
      const { receiver } = await open([(tx) => ignoreErrors(subject, tx, "INSERT INTO nowhere VALUES (1)")]);
      const delivery = newDelivery();
      expect((await receiver.receive(delivery)).status).toBe(204);
      expect(await countEffects(delivery)).toBe(1);
    });

    it("refuses a query that comes after the transaction has ended", async () => {
      let late: (() => PromiseLike<unknown>) | undefined;
      const { receiver } = await open([(tx) => void (late = async () => subject.run(tx, INSERT))]);
      expect((await receiver.receive(newDelivery())).status).toBe(204);
      await expect(late!()).rejects.toBeInstanceOf(Error);
      expect(await readLate()).toEqual([]);
    });

    it("keeps the effect of one of twenty copies of each delivery that come at once", async () => {
      const { receiver } = await open();
      const deliveries = Array.from({ length: 2 }, newDelivery);
      const copies = deliveries.flatMap((delivery) => Array.from({ length: 20 }, () => delivery));
      await Promise.all(copies.map((delivery) => receiveUntilDone(receiver, delivery)));
      for (const delivery of deliveries) expect(await countEffects(delivery)).toBe(1);
    });

    const openLeases = async () => {
      let time = 1_784_041_401_000;
      const options = { ...quiet, table: newTable(), retentionSeconds: 14 * 3600, now: () => time };
      const store = mysqlStore(subject.executor, options);
      onTestFinished(() => store.close());
      // As two processes that start together do.
      await Promise.all([store.migrate(), store.migrate()]);
      return { store, advance: (ms: number) => void (time += ms) };
    };

    it.each(storeCases.filter((one) => LEASE_CASES.test(one.name)))("lease mode: $name", async ({ run }) =>
      run(await openLeases()),
    );

    it("lease mode: sweeps what has expired", async () => {
      const { store, advance } = await openLeases();
      await store.commit("expired", "one", 1);
      advance(2);
      expect(await store.sweep()).toBe(1);
    });

    it("returns connections as it has got them, without locks", async () => {
      const { receiver } = await open([() => undefined, () => Promise.reject(new Error("no"))]);
      for (let delivery = 0; delivery < 2; delivery += 1) await receiver.receive(newDelivery());
      const settings = await Promise.all(
        Array.from({ length: 5 }, () =>
          subject.executor.query(
            "SELECT concat_ws(' ', @@autocommit + 0, @@wait_timeout, @@innodb_lock_wait_timeout, release_all_locks()) AS result",
          ),
        ),
      );
      expect(settings.map(({ rows }) => rows)).toEqual(settings.map(() => [{ result: "1 28800 50 0" }]));
    });
  });
});

describe("an object of a library in place of its executor", () => {
  const dataSource = new DataSource({ type: "mysql", url: "mysql://user:password@127.0.0.1:1/db" });
  const dialect = new MysqlDialect({ pool: callbackMysql.createPool({}) });

  it.each<[string, unknown]>([
    ["fromTypeOrm(dataSource)", dataSource],
    ["fromTypeOrm(manager)", dataSource.manager],
    ["fromKysely(db)", new Kysely({ dialect })],
  ])("is refused with the function that creates one: %s", (fix, value) => {
    expect(() => mysqlStore(value as SqlExecutor<never>)).toThrow(`or an executor, but got a`);
    expect(() => mysqlStore(value as SqlExecutor<never>)).toThrow(`: pass ${fix}.`);
  });
});

/** Runs statements as careless handlers do. */
async function ignoreErrors(subject: ExecutorUnderTest, tx: never, ...statements: string[]): Promise<void> {
  for (const sql of statements) {
    try {
      await subject.run(tx, sql);
    } catch {
      // The next statement may succeed.
    }
  }
}
