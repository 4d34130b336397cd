import { type TestServer, hasPostgres, required, startPostgres } from "@ahasend-webhooks/harness";
import { inboxCases } from "@ahasend-webhooks/testing";
import { inboxModel } from "@ahasend-webhooks/testing/inbox-model";
import fc from "fast-check";
import type { PgBoss } from "pg-boss";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { openQueue, startBoss } from "./boss-under-test.js";

/** Cases of the contract that this inbox cannot meet: the options are refused. */
const refused: Record<string, string> = {
  "handles deliveries with the same ordering key one at a time and in order, past failures":
    "an order by key needs a queue of another policy",
  "handles deliveries behind one that waits for its retry, unless they have its ordering key":
    "an order by key needs a queue of another policy",
  "handles as many deliveries at the same time as concurrency says, in all and by type":
    "pg-boss takes jobs without a look at their type",
};

describe.skipIf(!required("PostgreSQL", hasPostgres()))("the contract of an inbox, on pg-boss", () => {
  let server: TestServer;
  let boss: PgBoss;
  beforeAll(async () => {
    server = await startPostgres();
    boss = await startBoss(server.url);
  }, 60_000);
  afterAll(async () => {
    await boss.stop({ graceful: false });
    await server.stop();
  });

  it.for(inboxCases)("$name", ({ name, run }, { skip }) => {
    skip(name in refused, refused[name]);
    return run(openQueue(boss));
  });

  it("has a case for each name that is left out", () => {
    expect(inboxCases.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(refused)));
  });

  it("agrees with the model for any script of failures and duplicates", async () => {
    await fc.assert(
      inboxModel(() => openQueue(boss), { keepsOrder: false }),
      { numRuns: 20 },
    );
  });
});
