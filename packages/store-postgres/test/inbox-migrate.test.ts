import { createWorker } from "@ahasend-webhooks/core";
import { hasPostgres, required } from "@ahasend-webhooks/harness";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";

import { type PoolLike, type PostgresInboxOptions, inboxMigrationSql, postgresInbox } from "../src/index.js";
import { type SharedServer, createOwnDatabase, newSchema } from "./database.js";
import { createDelivery } from "./inbox-worker.js";

const id = pg.escapeIdentifier;

describe("the options of postgresInbox", () => {
  const pool = { query() {}, connect() {} } as unknown as PoolLike;

  it.each<[PostgresInboxOptions, string]>([
    [{ mode: "both" as "lease" }, 'mode must be "lease" or "transaction".'],
    [{ leaseSeconds: 0.5 }, "leaseSeconds must be at least 1: it is renewed three times as often."],
    [{ pollIntervalSeconds: 0 }, "pollIntervalSeconds must be a number above 0."],
    [{ maxAttempts: 0 }, "maxAttempts must be a whole number above 0."],
    [{ table: "" }, "table must be a non-empty string without null characters."],
    [{ maxAttempt: 3 } as PostgresInboxOptions, "maxAttempt is not an option: did you mean maxAttempts?"],
  ])("of %o are refused", (options, message) => {
    expect(() => postgresInbox(pool, options as { mode?: "transaction" })).toThrow(new TypeError(message));
  });

  it("include a pool", () => {
    expect(() => postgresInbox("postgres://user:password@localhost/db" as unknown as PoolLike)).toThrow(
      "postgresInbox needs a pool of pg (new Pool()) or an executor, but got string.",
    );
  });
});

describe.skipIf(!required("PostgreSQL", hasPostgres()))("the migration of an inbox", () => {
  let server: SharedServer;
  let admin: pg.Pool;
  let app: pg.Pool;
  const role = `inbox_${process.pid}`;
  beforeAll(async () => {
    server = await createOwnDatabase();
    admin = new pg.Pool({ connectionString: server.url });
    await admin.query(`CREATE ROLE ${role} LOGIN; REVOKE CREATE ON SCHEMA public FROM PUBLIC`);
    const url = new URL(server.url);
    url.username = role;
    app = new pg.Pool({ connectionString: url.href });
  });
  afterAll(async () => {
    await app.end();
    await admin.end();
  });

  const open = (on: pg.Pool, options: PostgresInboxOptions & { mode?: "transaction" }) => {
    const inbox = postgresInbox(on, { ...options, sweepIntervalSeconds: 0 });
    onTestFinished(() => inbox.close());
    return inbox;
  };

  it("may be run by many processes at the same time, and again", async () => {
    const schema = newSchema();
    await Promise.all(Array.from({ length: 8 }, () => open(admin, { schema }).migrate()));
    await admin.query(inboxMigrationSql({ schema }));
    expect(await open(admin, { schema }).accept(createDelivery("a"))).toBe("accepted");
  });

  it("needs no right to create if the table exists, and SELECT, INSERT, UPDATE and DELETE are enough", async () => {
    const schema = newSchema();
    await admin.query(inboxMigrationSql({ schema }));
    await admin.query(`GRANT USAGE ON SCHEMA ${id(schema)} TO ${role};
      GRANT SELECT, INSERT, UPDATE, DELETE ON ${id(schema)}.ahasend_inbox TO ${role}`);
    const inbox = open(app, { schema });
    await inbox.migrate();
    await inbox.accept(createDelivery("a"));
    const onOutcome = vi.fn();
    const worker = createWorker({ store: inbox, on: { "*": () => undefined }, onOutcome });
    await vi.waitFor(() =>
      expect(onOutcome).toHaveBeenCalledWith(expect.objectContaining({ kind: "handled" })),
    );
    await worker.close();
    expect(await inbox.sweep()).toBe(0);
  });

  it("says how to create the table if the role is not allowed to", async () => {
    await expect(open(app, { schema: newSchema() }).migrate()).rejects.toThrow(
      /is not allowed to create the table .*"ahasend_inbox": run the SQL of inboxMigrationSql\(\) as a role that is, then as its owner GRANT USAGE /,
    );
  });

  it("says which rights are missing", async () => {
    const schema = newSchema();
    await admin.query(inboxMigrationSql({ schema }));
    const message = /is not allowed to use the table .*"ahasend_inbox": as its owner GRANT USAGE ON SCHEMA /;
    for (const attempt of [
      () => open(app, { schema }).migrate(),
      () => open(app, { schema }).accept(createDelivery("a")),
      () => open(app, { schema }).stats(),
    ]) {
      await expect(attempt()).rejects.toThrow(message);
    }
  });

  it("is named by the errors of an inbox whose table is missing", async () => {
    const onWarning = vi.fn();
    const inbox = open(admin, { schema: newSchema(), onWarning });
    const message =
      /The table .*"ahasend_inbox" does not exist: call await inbox\.migrate\(\) at start, or run the SQL of inboxMigrationSql\(\) yourself\.$/;
    await expect(inbox.accept(createDelivery("a"))).rejects.toThrow(message);
    const worker = createWorker({ store: inbox, on: {} });
    await vi.waitFor(() => expect(onWarning).toHaveBeenCalledWith(expect.stringMatching(message)));
    await worker.close();
  });

  it("says which columns are missing if a table of that name has others", async () => {
    const schema = newSchema();
    await admin.query(`CREATE SCHEMA ${id(schema)}; CREATE TABLE ${id(schema)}.jobs (id bigint, body bytea)`);
    const inbox = open(admin, { schema, table: "jobs" });
    await expect(inbox.migrate()).rejects.toThrow(
      /exists without the columns endpoint, delivery_id, type, .*: set the options schema and table /,
    );
    await expect(inbox.accept(createDelivery("a"))).rejects.toThrow(
      /is not the one that inboxMigrationSql\(\) creates: /,
    );
  });
});
