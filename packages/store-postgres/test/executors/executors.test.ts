import { type Outcome, createReceiver, createWorker } from "@ahasend-webhooks/core";
import { createDatabase, hasPostgres, required } from "@ahasend-webhooks/harness";
import { createEvent, inboxCases, signDelivery, storeCases } from "@ahasend-webhooks/testing";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";

import { postgresInbox, postgresStore } from "../../src/index.js";
import { type SharedServer, createOwnDatabase, newSchema } from "../database.js";
import { createDelivery } from "../inbox-worker.js";
import { createSubject } from "../open-inbox.js";
import { receiveUntilDone } from "../receive-until-done.js";
import { createStore } from "./create-store.js";
import type { ExecutorUnderTest } from "./executor-under-test.js";
import { executors, surviveBrokenConnections } from "./all-executors.js";

const secret = "aha-whsec-Zk4vT9wQ2mX7bN1sL6pR3yC8dF5gH0jA";
const newDelivery = () => signDelivery({ secret, event: createEvent("message.opened") });

/** The cases that the way of a library to pass values and to run transactions can break. */
const STORE_CASES = /simultaneous claims|for every owner and beyond its lease|at the same time/;
const INBOX_CASES = /NUL|not UTF-8|all its facts|repeats a failed attempt|one at a time and in order/;

describe.skipIf(!required("PostgreSQL", hasPostgres()))("the executor", () => {
  let server: SharedServer;
  beforeAll(async () => {
    server = await createOwnDatabase();
  });

  describe.each(Object.entries(executors))("%s", (name, openExecutor) => {
    let subject: ExecutorUnderTest;
    let pool: pg.Pool;
    beforeAll(async () => {
      const url = await createDatabase(server, name.toLowerCase().replaceAll(/\W/g, "_"));
      pool = new pg.Pool({ connectionString: url, max: 1 });
      await pool.query(`
        CREATE TABLE effects (id serial PRIMARY KEY, delivery text NOT NULL);
        CREATE TABLE unique_effects (name text UNIQUE DEFERRABLE INITIALLY DEFERRED)`);
      subject = await openExecutor(url);
    });
    afterAll(async () => {
      await subject.close();
      await pool.end();
    });

    const countEffects = async (delivery: string): Promise<number> => {
      const sql = "SELECT count(*)::int AS effects FROM effects WHERE delivery = $1";
      return (await pool.query<{ effects: number }>(sql, [delivery])).rows[0]!.effects;
    };

    /** Opens a receiver whose handler writes an effect and then runs the fault of the attempt. */
    const open = async (...faults: ((tx: never) => unknown)[]) => {
      const schema = newSchema();
      const store = postgresStore(subject.executor, { mode: "transaction", schema });
      onTestFinished(() => store.close());
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

    it("commits the handler's writes together with the receipt, once", async () => {
      const { receiver, outcomes } = await open();
      const delivery = newDelivery();
      for (let copy = 0; copy < 2; copy += 1) expect((await receiver.receive(delivery)).status).toBe(204);
      expect(outcomes).toMatchObject([{ kind: "handled" }, { kind: "duplicate" }]);
      expect(await countEffects(delivery.headers["webhook-id"])).toBe(1);
    });

    const faults: [string, number, (tx: never) => unknown][] = [
      ["throws", 500, () => Promise.reject(new Error("no"))],
      ["catches the error of a query", 500, (tx) => ignoreError(subject.run(tx, "SELECT 1 / 0"))],
      ["ends the transaction", 500, (tx) => ignoreError(subject.run(tx, "ROLLBACK"))],
      [
        "violates a deferred constraint",
        500,
        (tx) => subject.run(tx, "INSERT INTO unique_effects VALUES ('a'), ('a')"),
      ],
      [
        "meets a conflict",
        503,
        (tx) => subject.run(tx, "DO $$ BEGIN RAISE EXCEPTION 'collision' USING ERRCODE = '40001'; END $$"),
      ],
      [
        "loses its connection",
        503,
        async () => {
          await pool.query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle in transaction' AND datname = current_database()",
          );
        },
      ],
    ];
    const survived = faults.filter(([what]) => surviveBrokenConnections(name) || !what.startsWith("loses"));
    it.each(survived)(
      "keeps nothing if the handler %s (%i), and everything at the next attempt",
      async (_what, status, fault) => {
        const { receiver } = await open(fault);
        const delivery = newDelivery();
        expect((await receiver.receive(delivery)).status).toBe(status);
        expect(await countEffects(delivery.headers["webhook-id"])).toBe(0);
        await receiveUntilDone(receiver, delivery);
        expect(await countEffects(delivery.headers["webhook-id"])).toBe(1);
      },
    );

    it("refuses a query that comes after the transaction has ended", async () => {
      let late: (() => PromiseLike<unknown>) | undefined;
      const { receiver } = await open((tx) => {
        late = async () => subject.run(tx, "INSERT INTO effects (delivery) VALUES ('late')");
      });
      expect((await receiver.receive(newDelivery())).status).toBe(204);
      await expect(late!()).rejects.toBeInstanceOf(Error);
      expect(await countEffects("late")).toBe(0);
    });

    it("keeps the effect of one of twenty copies of each delivery that come at once", async () => {
      const { receiver } = await open();
      const deliveries = Array.from({ length: 2 }, newDelivery);
      const copies = deliveries.flatMap((delivery) => Array.from({ length: 20 }, () => delivery));
      await Promise.all(copies.map((delivery) => receiveUntilDone(receiver, delivery)));
      for (const { headers } of deliveries) expect(await countEffects(headers["webhook-id"])).toBe(1);
    });

    it.each(storeCases.filter((one) => STORE_CASES.test(one.name)))("lease mode: $name", async ({ run }) =>
      run(await createStore(subject.executor)),
    );

    it("lease mode: sweeps what has expired", async () => {
      const { store, advance } = await createStore(subject.executor);
      await store.commit("expired", "one", 1);
      advance(2);
      expect(await store.sweep()).toBe(1);
    });

    it.each(inboxCases.filter((one) => INBOX_CASES.test(one.name)))("inbox: $name", ({ run }) =>
      run(createSubject(subject.executor, "transaction")),
    );

    it("inbox: keeps what the attempt has written that succeeds", async () => {
      const inbox = postgresInbox(subject.executor, { schema: newSchema(), backoffSeconds: () => 0 });
      onTestFinished(() => inbox.close());
      await inbox.migrate();
      const delivery = `${name} in the inbox`;
      const kinds: string[] = [];
      const worker = createWorker({
        store: inbox,
        onOutcome: ({ kind }) => kinds.push(kind),
        on: {
          "*": async (_event, { tx, attempt }) => {
            await subject.write(tx, delivery);
            if (attempt === 1) await ignoreError(subject.run(tx, "SELECT 1 / 0"));
          },
        },
      });
      onTestFinished(() => worker.close({ timeoutSeconds: 0 }));
      await inbox.accept(createDelivery("a"));
      await vi.waitUntil(() => kinds.length >= 2, { timeout: 15_000, interval: 5 });
      expect(kinds).toEqual(["failed", "handled"]);
      expect(await countEffects(delivery)).toBe(1);
    });

    it("inbox: keeps names with every character of arrays apart", async () => {
      const inbox = postgresInbox(subject.executor, { schema: newSchema() });
      onTestFinished(() => inbox.close());
      await inbox.migrate();
      const names = ["a", 'b"c', "d\\e", "f,g", "{h}", "NULL", "", " ", "é\u{1f600}", "?", "$1", "'"];
      const deliveries = names.map((endpoint) => createDelivery("a", { endpoint }));
      const accept = () => Promise.all(deliveries.map((delivery) => inbox.accept(delivery)));
      expect(await accept()).toEqual(names.map(() => "accepted"));
      expect(await accept()).toEqual(names.map(() => "duplicate"));
    });
  });
});

async function ignoreError(query: PromiseLike<unknown>): Promise<void> {
  try {
    await query;
  } catch {
    // As careless handlers do.
  }
}
