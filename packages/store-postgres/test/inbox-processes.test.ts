import { fileURLToPath } from "node:url";

import type { StoredDelivery } from "@ahasend-webhooks/core";
import { hasPostgres, required } from "@ahasend-webhooks/harness";
import { Program } from "@ahasend-webhooks/harness/program";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";

import type { PostgresInbox } from "../src/index.js";
import { type SharedServer, createOwnDatabase, newSchema } from "./database.js";
import { openInbox } from "./open-inbox.js";

const fixture = fileURLToPath(new URL("fixtures/inbox-worker.mjs", import.meta.url));
const KEYS = ["one", "two", "three"];

const TIMEOUT_MS = 60_000;

describe.skipIf(!required("PostgreSQL", hasPostgres()))(
  "workers of an inbox in several processes",
  { timeout: TIMEOUT_MS },
  () => {
    let server: SharedServer;
    let pool: pg.Pool;
    beforeAll(async () => {
      server = await createOwnDatabase();
      pool = new pg.Pool({ connectionString: server.url });
      await pool.query(
        "CREATE TABLE effects (id bigint GENERATED ALWAYS AS IDENTITY, inbox text, delivery text, worker text)",
      );
    });
    afterAll(async () => {
      await pool.end();
    });

    const startWorker = (schema: string, mode: string, name: string, env: Record<string, string> = {}) => {
      const worker = Program.start(fixture, {
        DATABASE_URL: server.url,
        INBOX_SCHEMA: schema,
        INBOX_MODE: mode,
        WORKER_NAME: name,
        ...env,
      });
      onTestFinished(async () => {
        worker.signal("SIGKILL");
        await worker.ended();
      });
      return worker;
    };

    const createDelivery = (number: number, fails = 0): StoredDelivery => ({
      endpoint: "default",
      deliveryId: `delivery ${number}`,
      type: "message.opened",
      sentAt: new Date("2026-07-14T15:00:00Z"),
      rawBody: Buffer.from(JSON.stringify({ type: "message.opened", data: { fails } })),
      orderingKey: KEYS[number % 4],
    });

    const readEffects = async (schema: string) => {
      const sql = "SELECT delivery, worker FROM effects WHERE inbox = $1 ORDER BY id";
      return (await pool.query<{ delivery: string; worker: string }>(sql, [schema])).rows;
    };

    const waitUntilIdle = (inbox: PostgresInbox) =>
      vi.waitFor(async () => expect(await inbox.stats()).toMatchObject({ waiting: 0, active: 0 }), {
        timeout: 40_000,
        interval: 50,
      });

    it.each(["transaction", "lease"] as const)(
      "loses no delivery when workers in %s mode are killed while handlers run",
      async (mode) => {
        const schema = newSchema();
        const inbox = await openInbox(pool, { mode, schema });
        const deliveries = Array.from({ length: 300 }, (_, number) =>
          createDelivery(number, number % 7 === 0 ? 1 : 0),
        );
        await Promise.all(deliveries.map((delivery) => inbox.accept(delivery)));

        let interrupted = 0;
        /** Runs a worker, kills it in the middle of a handler, and starts the next one. */
        const runAndKill = async (name: string, kills: number): Promise<void> => {
          for (let kill = 0; kill < kills; kill += 1) {
            const worker = startWorker(schema, mode, name);
            const before = 5 * kill;
            const hasEnough = () => worker.log.filter(({ msg }) => msg === "started").length > before;
            await worker.line(hasEnough).catch(() => undefined);
            worker.signal("SIGKILL");
            await worker.ended();
            const count = (message: string) => worker.log.filter(({ msg }) => msg === message).length;
            interrupted += count("started") - count("outcome");
          }
          startWorker(schema, mode, name);
        };
        await Promise.all([runAndKill("a", 3), runAndKill("b", 3), runAndKill("c", 3)]);
        await waitUntilIdle(inbox);

        expect(interrupted).toBeGreaterThan(0);
        expect((await inbox.stats()).deadLetters).toBe(0);
        const effects = (await readEffects(schema)).map(({ delivery }) => delivery);
        expect(new Set(effects).size).toBe(deliveries.length);
        if (mode === "lease") return;
        expect(effects.length).toBe(deliveries.length);
        for (const key of KEYS) {
          const ids = deliveries
            .filter(({ orderingKey }) => orderingKey === key)
            .map(({ deliveryId }) => deliveryId);
          expect(effects.filter((id) => ids.includes(id))).toEqual(ids);
        }
      },
    );

    /** Takes a lock that handlers wait for. */
    const lock = async (number: number) => {
      const client = await pool.connect();
      await client.query("SELECT pg_advisory_lock($1)", [number]);
      let unlocked: Promise<void> | undefined;
      const unlock = () =>
        (unlocked ??= client.query("SELECT pg_advisory_unlock($1)", [number]).then(() => client.release()));
      onTestFinished(unlock);
      return unlock;
    };
    const isOutcome = ({ msg }: { msg: string }) => msg === "outcome";

    it("does not let a worker in lease mode that was frozen settle what another one has taken", async () => {
      const schema = newSchema();
      const inbox = await openInbox(pool, { mode: "lease", schema });
      await inbox.accept(createDelivery(0));
      const [unlockFrozen, unlockNext] = [await lock(1), await lock(2)];
      const frozen = startWorker(schema, "lease", "frozen", { WAIT_FOR_LOCK: "1" });
      await frozen.line(({ msg }) => msg === "started");
      frozen.signal("SIGSTOP");
      const next = startWorker(schema, "lease", "next", { WAIT_FOR_LOCK: "2" });
      expect(await next.line(({ msg }) => msg === "started")).toMatchObject({ attempt: 2 });
      await unlockFrozen();
      frozen.signal("SIGCONT");
      expect(await frozen.line(isOutcome)).toMatchObject({
        kind: "handled",
        storeError: "store_unavailable",
      });
      expect(await inbox.stats()).toMatchObject({ active: 1 });
      await unlockNext();
      const outcome = await next.line(isOutcome);
      expect(outcome).toMatchObject({ kind: "handled" });
      expect(outcome["storeError"]).toBeUndefined();
      expect(await inbox.stats()).toMatchObject({ active: 0 });
    });

    it("keeps the effect of one worker in transaction mode if another one was frozen past its lease", async () => {
      const schema = newSchema();
      const inbox = await openInbox(pool, { mode: "transaction", schema });
      await inbox.accept(createDelivery(0));
      const unlock = await lock(3);
      const frozen = startWorker(schema, "transaction", "frozen", { WAIT_FOR_LOCK: "3" });
      await frozen.line(({ msg }) => msg === "started");
      frozen.signal("SIGSTOP");
      const next = startWorker(schema, "transaction", "next");
      await next.line(({ msg, kind }) => msg === "outcome" && kind === "handled");
      await unlock();
      frozen.signal("SIGCONT");
      expect(await frozen.line(isOutcome)).toMatchObject({ kind: "failed" });
      expect(await readEffects(schema)).toEqual([{ delivery: "delivery 0", worker: "next" }]);
      expect(await inbox.stats()).toMatchObject({ waiting: 0, active: 0, deadLetters: 0 });
    });
  },
);
