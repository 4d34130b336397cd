import { type TestServer, hasPostgres, required, startPostgres } from "@ahasend-webhooks/harness";
import { inboxCases } from "@ahasend-webhooks/testing";
import { inboxModel } from "@ahasend-webhooks/testing/inbox-model";
import fc from "fast-check";
import type { PgBoss } from "pg-boss";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { openOrderedQueue, openQueue, startBoss } from "./boss-under-test.js";

/** Cases of the contract that pg-boss cannot meet: the options are refused. */
const refused: Record<string, string> = {
  "handles as many deliveries at the same time as concurrency says, in all and by type":
    "pg-boss takes jobs without a look at their type",
};

/** Cases of the contract for which the option `orderingKey` is set. The cases themselves set the keys of deliveries. */
const ordered: readonly string[] = [
  "handles deliveries with the same ordering key one at a time and in order, past failures",
  "handles deliveries behind one that waits for its retry, unless they have its ordering key",
];

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

  const cases = inboxCases.filter(({ name }) => !(name in refused));

  // Bytes are kept in the same way.
  it.for(cases.filter(({ name }) => !name.endsWith("byte for byte")))(
    "$name, in a queue with an order",
    ({ run }) => run(openOrderedQueue(boss)),
  );

  it.each(cases)("$name", ({ name, run }) =>
    run(ordered.includes(name) ? openOrderedQueue(boss) : openQueue(boss)),
  );

  it("has a case for each name that is left out or needs an order", () => {
    expect(inboxCases.map(({ name }) => name)).toEqual(
      expect.arrayContaining([...Object.keys(refused), ...ordered]),
    );
  });

  it("agrees with the model for any script of failures and duplicates", async () => {
    await fc.assert(
      inboxModel(() => openQueue(boss), { keepsOrder: false }),
      { numRuns: 20 },
    );
  });

  it("agrees with the model for any script of failures, duplicates and ordering keys", async () => {
    await fc.assert(
      inboxModel(() => openOrderedQueue(boss)),
      { numRuns: 20 },
    );
  });
});
