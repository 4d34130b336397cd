import { createReceiver } from "@ahasend-webhooks/core";
import {
  type TestServer,
  createDatabase,
  hasPgBouncer,
  hasPostgres,
  required,
  startPgBouncer,
  startPostgres,
} from "@ahasend-webhooks/harness";
import { type CopiesSubject, copiesFaults, describeCopies } from "@ahasend-webhooks/harness/copies";
import { createEvent, signDelivery } from "@ahasend-webhooks/testing";
import pg from "pg";
import { afterAll, beforeAll, describe, onTestFinished } from "vitest";

import { postgresStore } from "../../src/index.js";
import { executors, surviveBrokenConnections } from "./all-executors.js";

const secret = "aha-whsec-Zk4vT9wQ2mX7bN1sL6pR3yC8dF5gH0jA";

describe.skipIf(!required("PostgreSQL", hasPostgres()) || !required("PgBouncer", hasPgBouncer()))(
  "executors",
  () => {
    let server: TestServer;
    let bouncer: TestServer;
    beforeAll(async () => {
      server = await startPostgres();
      bouncer = await startPgBouncer(server);
    });
    afterAll(async () => {
      await bouncer.stop();
      await server.stop();
    });

    let databases = 0;
    const open = async (
      name: string,
      isBehindBouncer: boolean,
    ): Promise<CopiesSubject<{ deliveryId: string; tx: never }>> => {
      const url = new URL(await createDatabase(server, `copies_${(databases += 1)}`));
      const pool = new pg.Pool({ connectionString: url.href, max: 4 });
      pool.on("error", () => undefined);
      await pool.query("CREATE TABLE effects (id serial PRIMARY KEY, delivery text NOT NULL)");
      await pool.query("CREATE INDEX ON effects (delivery)");
      if (isBehindBouncer) url.port = String(bouncer.port);
      const { executor, write, run, close } = await executors[name]!(url.href, !isBehindBouncer);
      const store = postgresStore(executor, { mode: "transaction" });
      await store.migrate();
      onTestFinished(async () => {
        store.close();
        await close();
        await pool.end();
      });
      const countEffects = async (delivery: string): Promise<number> => {
        const sql = "SELECT count(*)::int AS effects FROM effects WHERE delivery = $1";
        for (;;) {
          const result = await pool.query<{ effects: number }>(sql, [delivery]).catch(() => undefined);
          if (result !== undefined) return result.rows[0]!.effects;
        }
      };
      return {
        openReceivers(handle) {
          const options = { secret, store, inFlightWaitSeconds: 0, onOutcome: () => undefined };
          return [createReceiver({ ...options, on: { "*": (_event, context) => handle(context) } })];
        },
        createDelivery: () => signDelivery({ secret, event: createEvent("message.opened") }),
        write: ({ tx, deliveryId }) => write(tx, deliveryId),
        fail: ({ tx }) => run(tx, "SELECT 1 / 0"),
        countEffects,
        async crash() {
          await server.kill();
          await server.start();
        },
      };
    };

    for (const name of Object.keys(executors)) {
      const faults = copiesFaults.filter(
        (fault) => fault !== "killed server" || surviveBrokenConnections(name),
      );
      describeCopies(name, faults, () => open(name, false));
      describeCopies(`${name}, PgBouncer`, faults, () => open(name, true));
    }
  },
);
