import {
  type TestServer,
  hasPgBouncer,
  hasPostgres,
  required,
  startPgBouncer,
} from "@ahasend-webhooks/harness";
import { inboxCases } from "@ahasend-webhooks/testing";
import { inboxModel } from "@ahasend-webhooks/testing/inbox-model";
import fc from "fast-check";
import pg from "pg";
import { afterAll, beforeAll, describe, it } from "vitest";

import { createSubject } from "./open-inbox.js";
import { type SharedServer, getSharedServer } from "./database.js";

const modes = ["transaction", "lease"] as const;

describe.skipIf(!required("PostgreSQL", hasPostgres()))("postgresInbox", () => {
  let server: SharedServer;
  let bouncer: TestServer | undefined;
  let pool: pg.Pool;
  let throughBouncer: pg.Pool | undefined;
  beforeAll(async () => {
    server = getSharedServer();
    pool = new pg.Pool({ connectionString: server.url, max: 20 });
    if (!required("PgBouncer", hasPgBouncer())) return;
    bouncer = await startPgBouncer(server);
    throughBouncer = new pg.Pool({ connectionString: bouncer.url, max: 20 });
  });
  afterAll(async () => {
    await Promise.all([pool.end(), throughBouncer?.end()]);
    await bouncer?.stop();
  });

  // The bytes pass it as they pass everything else, and it has five connections.
  const throughBouncerToo = inboxCases.filter(({ name }) => !/byte for byte$|^runs a dozen/.test(name));
  it.skipIf(!hasPgBouncer()).each(throughBouncerToo)("through PgBouncer: $name", ({ run }) =>
    run(createSubject(throughBouncer!, "transaction")),
  );

  describe.each(modes)("in %s mode", (mode) => {
    it.each(inboxCases)("$name", ({ run }) => run(createSubject(pool, mode)));

    it("agrees with the model of an inbox", async () => {
      await fc.assert(
        inboxModel(() => createSubject(pool, mode)),
        { numRuns: 25 },
      );
    });
  });
});
