import { type TestServer, hasRedis, required, startRedis } from "@ahasend-webhooks/harness";
import { inboxCases } from "@ahasend-webhooks/testing";
import { inboxModel } from "@ahasend-webhooks/testing/inbox-model";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { openQueue } from "./queue-under-test.js";

/** Cases of the contract that BullMQ cannot meet: the options are refused. */
const refused: Record<string, string> = {
  "handles deliveries with the same ordering key one at a time and in order, past failures":
    "BullMQ has no order by key without its commercial groups",
  "handles deliveries behind one that waits for its retry, unless they have its ordering key":
    "BullMQ has no order by key without its commercial groups",
  "handles as many deliveries at the same time as concurrency says, in all and by type":
    "a worker of BullMQ has one limit for all jobs",
};

describe.skipIf(!required("Redis", hasRedis()))("the contract of an inbox, on BullMQ", () => {
  let server: TestServer;
  beforeAll(async () => void (server = await startRedis()));
  afterAll(() => server.stop());

  it.each(inboxCases.filter(({ name }) => !(name in refused)))("$name", ({ run }) =>
    run(openQueue(server.port)),
  );

  it("has a case for each name that is left out", () => {
    expect(inboxCases.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(refused)));
  });

  it("agrees with the model for any script of failures and duplicates", async () => {
    await fc.assert(
      inboxModel(() => openQueue(server.port), { keepsOrder: false }),
      { numRuns: 30 },
    );
  });
});
