import { hasPostgres, required } from "@ahasend-webhooks/harness";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";

import { type PostgresStoreOptions, migrationSql, postgresStore } from "../src/index.js";
import { type SharedServer, createOwnDatabase, newSchema, openPool } from "./database.js";

describe.skipIf(!required("PostgreSQL", hasPostgres()))(
  "migrate as a role that is not allowed to create tables",
  () => {
    let server: SharedServer;
    let admin: pg.Pool;
    let app: pg.Pool;
    let role: string;
    beforeAll(async () => {
      server = await createOwnDatabase();
      admin = new pg.Pool({ connectionString: server.url });
      role = `app_${process.pid}_${Date.now()}`;
      await admin.query(`CREATE ROLE ${role} LOGIN`);
      // Before PostgreSQL 15, every role was allowed to create tables in public.
      await admin.query("REVOKE CREATE ON SCHEMA public FROM PUBLIC");
      const url = new URL(server.url);
      url.username = role;
      app = new pg.Pool({ connectionString: url.href });
    });
    afterAll(async () => {
      await app.end();
      await admin.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
      await admin.end();
    });

    const open = (options: PostgresStoreOptions) => {
      const store = postgresStore(app, { ...options, mode: "lease", sweepIntervalSeconds: 0 });
      onTestFinished(() => store.close());
      return store;
    };
    const id = pg.escapeIdentifier;
    const create = async (options: { schema?: string; table: string }, ...rights: string[]) => {
      await admin.query(migrationSql(options));
      const name = `${id(options.schema ?? "public")}.${id(options.table)}`;
      if (options.schema !== undefined && rights.length > 0) {
        await admin.query(`GRANT USAGE ON SCHEMA ${id(options.schema)} TO ${role}`);
      }
      for (const right of rights) await admin.query(`GRANT ${right} ON ${name} TO ${role}`);
      return options;
    };
    const ALL = "SELECT, INSERT, UPDATE, DELETE";
    const claim = { state: "claimed", attempt: 1 };

    it("does nothing if the owner has created the table in public", async () => {
      const store = open(await create({ table: `t${newSchema()}` }, ALL));
      await store.migrate();
      expect(await store.claim("a", "one", 1000)).toEqual(claim);
      await store.commit("a", "one", 60_000);
      expect(await store.sweep()).toBe(0);
    });

    it("does nothing if the owner has created the table in another schema", async () => {
      const store = open(await create({ schema: newSchema(), table: "receipts" }, ALL));
      await store.migrate();
      expect(await store.claim("a", "one", 1000)).toEqual(claim);
    });

    it("creates the table in an existing schema without the right to create schemas", async () => {
      const schema = newSchema();
      await admin.query(
        `CREATE SCHEMA ${id(schema)}; GRANT CREATE, USAGE ON SCHEMA ${id(schema)} TO ${role}`,
      );
      const store = open({ schema });
      await store.migrate();
      expect(await store.claim("a", "one", 1000)).toEqual(claim);
    });

    it.each([
      ["in public", () => ({ table: `t${newSchema()}` })],
      ["in a schema that does not exist", () => ({ schema: newSchema() })],
    ])("says how to create the table %s, and which rights to grant", async (_where, options) => {
      await expect(open(options()).migrate()).rejects.toThrow(
        /is not allowed to create the table .*: run the SQL of migrationSql\(\) as a role that is, then as its owner GRANT USAGE ON SCHEMA .* and GRANT SELECT, INSERT, UPDATE, DELETE ON /,
      );
    });

    it("says which rights on the schema are missing", async () => {
      const store = open(await create({ schema: newSchema(), table: "receipts" }));
      for (const attempt of [() => store.migrate(), () => store.claim("a", "one", 1000)]) {
        await expect(attempt()).rejects.toThrow(
          /is not allowed to use the table .*"receipts": as its owner GRANT USAGE ON SCHEMA /,
        );
      }
    });

    it("says which rights on the table are missing, in both modes", async () => {
      const options = await create({ table: `t${newSchema()}` }, "SELECT");
      const store = open(options);
      await store.migrate();
      const message = /is not allowed to use the table .*GRANT SELECT, INSERT, UPDATE, DELETE ON /;
      await expect(store.claim("a", "one", 1000)).rejects.toThrow(message);
      const transactions = postgresStore(app, { ...options, mode: "transaction", sweepIntervalSeconds: 0 });
      await expect(transactions.run("a", () => Promise.resolve())).rejects.toThrow(message);
    });

    it("says which columns are missing if a table of that name has others", async () => {
      const schema = newSchema();
      await admin.query(`CREATE SCHEMA ${id(schema)}; GRANT USAGE ON SCHEMA ${id(schema)} TO ${role};
      CREATE TABLE ${id(schema)}.jobs (key text, done boolean); GRANT ALL ON ${id(schema)}.jobs TO ${role}`);
      const store = open({ schema, table: "jobs" });
      await expect(store.migrate()).rejects.toThrow(
        /exists without the columns token, attempt, leased_until, keep_until: set the options schema and table /,
      );
      await expect(store.claim("a", "one", 1000)).rejects.toThrow(
        /is not the one that migrationSql\(\) creates: /,
      );
    });

    it("keeps the password out of its errors", async () => {
      const url = new URL(server.url);
      url.username = "nobody_of_this_name";
      url.password = "hunter2";
      const store = postgresStore(openPool({ url: url.href }), { sweepIntervalSeconds: 0 });
      await expect(store.migrate()).rejects.not.toThrow(/hunter2/);
    });
  },
);
