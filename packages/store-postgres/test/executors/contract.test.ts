import { hasPostgres, required } from "@ahasend-webhooks/harness";
import { inboxCases, storeCases, transactionCases } from "@ahasend-webhooks/testing";
import { inboxModel } from "@ahasend-webhooks/testing/inbox-model";
import { storeModel } from "@ahasend-webhooks/testing/store-model";
import fc from "fast-check";
import postgres from "postgres";
import { afterAll, beforeAll, describe, it, onTestFinished } from "vitest";

import { type SqlExecutor, fromPostgresJs, postgresStore } from "../../src/index.js";
import { type SharedServer, createOwnDatabase, newSchema } from "../database.js";
import { createSubject } from "../open-inbox.js";
import { withPrefix } from "../with-prefix.js";
import { createStore } from "./create-store.js";

// The time it takes is that of the library and of the machine.
const withoutHuge = inboxCases.filter(({ name }) => !name.includes("30 MB"));

// One executor runs the contract as a whole. That of postgres.js, because it is the one that is not on pg.
describe.skipIf(!required("PostgreSQL", hasPostgres()))("on an executor", () => {
  let server: SharedServer;
  let sql: postgres.Sql;
  let executor: SqlExecutor<unknown>;
  beforeAll(async () => {
    server = await createOwnDatabase();
    sql = postgres(server.url, { onnotice: () => undefined });
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

  it.each(transactionCases)("the store in transaction mode: $name", async ({ run }) => {
    let time = 1_784_041_401_000;
    const retentionSeconds = 14 * 3600;
    const options = { schema: newSchema(), now: () => time, retentionSeconds };
    const store = postgresStore(executor, { ...options, mode: "transaction" });
    onTestFinished(() => store.close());
    await store.migrate();
    await run({ store, advance: (ms) => void (time += ms) });
  });

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
});
