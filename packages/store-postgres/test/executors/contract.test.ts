import {
  type TestServer,
  hasPgBouncer,
  hasPostgres,
  required,
  startPgBouncer,
} from "@ahasend-webhooks/harness";
import { inboxCases, storeCases, transactionCases } from "@ahasend-webhooks/testing";
import { inboxModel } from "@ahasend-webhooks/testing/inbox-model";
import { storeModel } from "@ahasend-webhooks/testing/store-model";
import { sql as drizzleSql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import fc from "fast-check";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";

import { type SqlExecutor, fromDrizzle, fromPostgresJs, postgresStore } from "../../src/index.js";
import { type SharedServer, createOwnDatabase, newSchema, openPool } from "../database.js";
import { createSubject } from "../open-inbox.js";
import { withPrefix } from "../with-prefix.js";
import { createStore } from "./create-store.js";
import type { ExecutorUnderTest } from "./executor-under-test.js";
import { openKysely } from "./query-builders.js";

// The time it takes is that of the library and of the machine.
const withoutHuge = inboxCases.filter(({ name }) => !name.includes("30 MB"));

/** The cases that need the same connection for all statements of a transaction, and none for others. */
const SHARED_CONNECTIONS =
  /simultaneous claims|at the same time|many duplicates|while its work runs|after the first has failed/;

// One executor runs the contract as a whole. That of postgres.js, because it is the one that is not on pg.
describe.skipIf(!required("PostgreSQL", hasPostgres()))("on an executor", () => {
  let server: SharedServer;
  let sql: postgres.Sql;
  let executor: SqlExecutor<unknown>;
  beforeAll(async () => {
    server = await createOwnDatabase();
    sql = postgres(server.url, { max: 20, onnotice: () => undefined });
    executor = fromPostgresJs(sql);
  });
  afterAll(async () => {
    await sql.end();
  });

  describe("the store in lease mode", () => {
    it.each(storeCases)("$name", async ({ run }) => run(await createStore(executor)));

    it("agrees with the model for any sequence of steps", async () => {
      const { store, advance } = await createStore(executor);
      let run = 0;
      const property = storeModel(() => ({ store: withPrefix(store, `${(run += 1)}:`), advance }));
      await fc.assert(property, { numRuns: 50 });
    });
  });

  it.each(transactionCases)("the store in transaction mode: $name", ({ run }) =>
    runInTransactions(run, executor),
  );

  it.each(withoutHuge)("the inbox: $name", ({ run }) => run(createSubject(executor, "transaction")));

  it.each(["transaction", "lease"] as const)(
    "the inbox in %s mode agrees with the model of an inbox",
    async (mode) => {
      await fc.assert(
        inboxModel(() => createSubject(executor, mode)),
        { numRuns: 10 },
      );
    },
  );

  it("gives the client of Drizzle back to its pool when BEGIN fails", async () => {
    const pool = openPool(server, { max: 1, connectionTimeoutMillis: 5000 });
    const store = postgresStore(fromDrizzle(drizzle(pool), drizzleSql), {
      schema: newSchema(),
      mode: "transaction",
    });
    onTestFinished(() => store.close());
    await store.migrate();
    pool.once("acquire", (client) => void client.end());
    await expect(store.run("a", () => Promise.resolve())).rejects.toBeInstanceOf(Error);
    expect(await store.run("a", () => Promise.resolve())).toEqual({ state: "committed" });
    expect(Object.keys(pool)).not.toContain("connect");
  });

  describe.skipIf(!required("PgBouncer", hasPgBouncer()))(
    "behind PgBouncer in transaction pooling mode",
    () => {
      let bouncer: TestServer;
      let url: string;
      let onPg: ExecutorUnderTest;
      let unprepared: postgres.Sql;
      beforeAll(async () => {
        bouncer = await startPgBouncer(server);
        url = new URL(new URL(server.url).pathname, bouncer.url).href;
        onPg = openKysely(url);
        unprepared = postgres(url, { prepare: false, onnotice: () => undefined });
      });
      afterAll(async () => {
        await Promise.all([onPg.close(), unprepared.end()]);
        await bouncer.stop();
      });

      const openExecutor = {
        "an executor on pg": () => onPg.executor as SqlExecutor<unknown>,
        "fromPostgresJs without prepared statements": () => fromPostgresJs(unprepared),
      };
      describe.each(Object.entries(openExecutor))("%s", (_name, open) => {
        it.each(storeCases.filter(({ name }) => SHARED_CONNECTIONS.test(name)))("$name", async ({ run }) =>
          run(await createStore(open())),
        );

        it.each(transactionCases.filter(({ name }) => SHARED_CONNECTIONS.test(name)))("$name", ({ run }) =>
          runInTransactions(run, open()),
        );
      });

      it("names the setting to change where prepared statements get lost", async () => {
        // Its own look-up of types would be lost as well, and reject in nobody's hands.
        const prepared = postgres(url, { fetch_types: false, onnotice: () => undefined });
        onTestFinished(() => prepared.end());
        const schema = newSchema();
        await postgresStore(executor, { schema, sweepIntervalSeconds: 0 }).migrate();
        const store = postgresStore(fromPostgresJs(prepared), { schema, mode: "transaction" });
        onTestFinished(() => store.close());
        // More at a time than PgBouncer has connections to the server.
        const runMany = async (round: number) =>
          Promise.allSettled(
            Array.from({ length: 20 }, async (_, index) =>
              store.run(`${round} ${index}`, () => Promise.resolve()),
            ),
          );
        // All of them: one that is left behind would still run when its server stops.
        const results = [...(await runMany(1)), ...(await runMany(2))];
        const reasons = results.flatMap((result) =>
          result.status === "rejected" ? [String(result.reason)] : [],
        );
        expect(reasons.join("\n")).toMatch(/prepare: false to postgres\(\)/);
      });
    },
  );
});

async function runInTransactions(
  run: (typeof transactionCases)[number]["run"],
  executor: SqlExecutor<unknown>,
): Promise<void> {
  let time = 1_784_041_401_000;
  const options = { schema: newSchema(), now: () => time, retentionSeconds: 14 * 3600 };
  const store = postgresStore(executor, { ...options, mode: "transaction" });
  onTestFinished(() => store.close());
  await store.migrate();
  await run({ store, advance: (ms) => void (time += ms) });
}
