import { createReceiver } from "@ahasend-webhooks/core";
import {
  type TestServer,
  hasPgBouncer,
  hasPostgres,
  required,
  startPgBouncer,
} from "@ahasend-webhooks/harness";
import { createEvent, signDelivery, storeCases, storeClockCases } from "@ahasend-webhooks/testing";
import { storeModel } from "@ahasend-webhooks/testing/store-model";
import fc from "fast-check";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";

import { type PostgresStoreOptions, migrationSql, postgresStore } from "../src/index.js";
import { type SharedServer, getSharedServer, newSchema } from "./database.js";
import { receiveUntilDone } from "./receive-until-done.js";
import { withPrefix } from "./with-prefix.js";

const secret = "aha-whsec-Zk4vT9wQ2mX7bN1sL6pR3yC8dF5gH0jA";
const LEASE_MS = 1000;

describe.skipIf(!required("PostgreSQL", hasPostgres()))("lease mode", () => {
  let server: SharedServer;
  let bouncer: TestServer | undefined;
  const pools: Record<string, pg.Pool> = {};

  beforeAll(async () => {
    server = getSharedServer();
    pools["PostgreSQL"] = new pg.Pool({ connectionString: server.url });
    if (!required("PgBouncer", hasPgBouncer())) return;
    bouncer = await startPgBouncer(server);
    pools["PgBouncer"] = new pg.Pool({ connectionString: bouncer.url, max: 20 });
  });
  afterAll(async () => {
    await Promise.all(Object.values(pools).map((pool) => pool.end()));
    await bouncer?.stop();
  });

  const open = async (options: PostgresStoreOptions = {}, on = "PostgreSQL") => {
    const store = postgresStore(pools[on]!, { schema: newSchema(), ...options, mode: "lease" });
    onTestFinished(() => store.close());
    await store.migrate();
    return store;
  };

  // Its tests count as skipped if PgBouncer is not installed.
  const isMissing = (on: string) => on === "PgBouncer" && !hasPgBouncer();

  describe.each(["PostgreSQL", "PgBouncer"])("on %s", (on) => {
    it.skipIf(isMissing(on)).each(storeCases)("$name", async ({ run }) => {
      let time = 1_784_041_401_000;
      const store = await open({ now: () => time }, on);
      await run({ store, advance: (ms) => void (time += ms) });
    });

    it.skipIf(isMissing(on))("agrees with the model for any sequence of steps", async () => {
      let time = 1_784_041_401_000;
      const store = await open({ now: () => time, retentionSeconds: 14 * 3600 }, on);
      let run = 0;
      const property = storeModel(() => ({
        store: withPrefix(store, `${(run += 1)}:`),
        advance: (ms) => void (time += ms),
      }));
      await fc.assert(property, { numRuns: 150 });
    });

    it.skipIf(isMissing(on))("handles each delivery once across several processes", async () => {
      const handler = vi.fn();
      const schema = newSchema();
      const receivers = await Promise.all(
        [1, 2, 3].map(async () =>
          createReceiver({ secret, on: { "*": handler }, store: await open({ schema }, on) }),
        ),
      );
      const deliveries = Array.from({ length: 50 }, () =>
        signDelivery({ secret, event: createEvent("message.opened") }),
      );
      await Promise.all(
        deliveries.flatMap((delivery) => receivers.map((receiver) => receiveUntilDone(receiver, delivery))),
      );
      expect(handler).toHaveBeenCalledTimes(50);
    });
  });

  it.each(storeClockCases)("$name", async ({ run }) => run({ store: await open() }));

  describe("migrate", () => {
    it("creates the table once when many processes call migrate() at the same time and again", async () => {
      const schema = newSchema();
      const stores = Array.from({ length: 10 }, () => postgresStore(pools["PostgreSQL"]!, { schema }));
      await Promise.all(stores.map((store) => store.migrate()));
      expect(await stores[0]!.claim("a", "one", LEASE_MS)).toEqual({ state: "claimed", attempt: 1 });
      for (const store of stores) {
        await store.migrate();
        store.close();
      }
      expect(await stores[1]!.claim("a", "two", LEASE_MS)).toMatchObject({ state: "busy" });
    });

    it("uses a table that another tool created with migrationSql()", async () => {
      const names = { schema: newSchema(), table: "receipts" };
      await pools["PostgreSQL"]!.query(migrationSql(names));
      const store = postgresStore(pools["PostgreSQL"]!, names);
      onTestFinished(() => store.close());
      expect(await store.claim("a", "one", LEASE_MS)).toEqual({ state: "claimed", attempt: 1 });
    });

    it("names migrate() in the error if the table does not exist", async () => {
      const store = postgresStore(pools["PostgreSQL"]!, { schema: newSchema() });
      onTestFinished(() => store.close());
      await expect(store.claim("a", "one", LEASE_MS)).rejects.toThrow(
        /^The table .*"ahasend_deliveries" does not exist: call await store\.migrate\(\) at start/,
      );
    });
  });

  describe("sweep", () => {
    it("deletes expired deliveries and nothing else", async () => {
      let time = 1_784_041_401_000;
      const store = await open({ now: () => time, retentionSeconds: 13 * 3600 });
      await store.commit("old", "one", 1000);
      await store.claim("abandoned", "one", LEASE_MS);
      await store.claim("released", "one", LEASE_MS);
      await store.release("released", "one");
      time += 13 * 3_600_000 - 500;
      await store.claim("live", "one", LEASE_MS);
      await store.commit("young", "one", 60_000);
      await store.renew("abandoned", "one", 60_000);
      time += 1000;
      expect(await store.sweep()).toBe(2);
      expect(await store.claim("live", "two", LEASE_MS)).toEqual({ state: "claimed", attempt: 2 });
      expect(await store.claim("young", "two", LEASE_MS)).toEqual({ state: "done" });
      expect(await store.claim("abandoned", "two", LEASE_MS)).toMatchObject({ state: "busy" });
      expect(await store.claim("old", "two", LEASE_MS)).toEqual({ state: "claimed", attempt: 1 });
      expect(await store.claim("released", "two", LEASE_MS)).toEqual({ state: "claimed", attempt: 1 });
    });

    it("deletes in batches until nothing is left, even beside other sweeps", async () => {
      let time = 1_784_041_401_000;
      const schema = newSchema();
      const stores = await Promise.all([1, 2].map(() => open({ schema, now: () => time })));
      await pools["PostgreSQL"]!.query(
        `INSERT INTO ${pg.escapeIdentifier(schema)}.ahasend_deliveries (key, done, keep_until)
         SELECT 'k' || n, true, to_timestamp(1784041401) FROM generate_series(1, 2500) AS n`,
      );
      time += 1000;
      const deleted = await Promise.all(stores.map((store) => store.sweep()));
      // Each skips rows that the other has locked; no row is counted twice.
      expect(deleted[0]! + deleted[1]! + (await stores[0]!.sweep())).toBe(2500);
    });

    it("sweeps periodically until the store is closed", async () => {
      let time = 1_784_041_401_000;
      const schema = newSchema();
      const store = await open({ schema, now: () => time, sweepIntervalSeconds: 0.01 });
      const rows = async () => {
        const sql = `SELECT count(*)::int AS rows FROM ${pg.escapeIdentifier(schema)}.ahasend_deliveries`;
        return ((await pools["PostgreSQL"]!.query(sql)).rows[0] as { rows: number }).rows;
      };
      await store.commit("a", "one", 1000);
      expect(await rows()).toBe(1);
      time += 2000;
      await vi.waitFor(async () => expect(await rows()).toBe(0), 10_000);
    });

    it("warns if a sweep fails, and keeps sweeping", async () => {
      const onWarning = vi.fn();
      const store = postgresStore(pools["PostgreSQL"]!, {
        schema: newSchema(),
        sweepIntervalSeconds: 0.01,
        onWarning,
      });
      onTestFinished(() => store.close());
      await vi.waitFor(
        () =>
          expect(onWarning).toHaveBeenCalledWith(
            expect.stringMatching(/^Expired deliveries were not deleted: .*migrate/),
          ),
        10_000,
      );
    });
  });
});

describe("postgresStore", () => {
  const pool = new pg.Pool();
  it.each<[RegExp, PostgresStoreOptions]>([
    [/^retentionSeconds must be from 46800 \(13 hours, .*\) to 315360000 /, { retentionSeconds: 12 * 3600 }],
    [/^retentionSeconds must be from /, { retentionSeconds: Number.NaN }],
    [/^mode must be "lease" or "transaction"\.$/, { mode: "both" as "lease" }],
    [/^sweepIntervalSeconds must be a number of seconds from 0 to 2147483 /, { sweepIntervalSeconds: -1 }],
    [/^idleTimeoutSeconds must be a number of seconds/, { idleTimeoutSeconds: Number.NaN }],
    [/^schema must be a non-empty string /, { schema: "" }],
    [/^mod is not an option: did you mean mode\?$/, { mod: "transaction" } as PostgresStoreOptions],
    [/^onWarning must be a function/, { onWarning: "console" as never }],
    [/^table must be a non-empty string /, { table: "a\0b" }],
    [/^table must be shorter: 63 bytes is the maximum /, { table: "x".repeat(60) }],
  ])("refuses an option that does not match: %s", (message, options) => {
    expect(() => postgresStore(pool, options as { mode?: "lease" })).toThrow(message);
  });
});
