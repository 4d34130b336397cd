import { pgBossInbox } from "@ahasend-webhooks/inbox-pg-boss";
import { PgBoss } from "pg-boss";
import type { Logger } from "pino";

import { connect } from "./connect.js";
import { PostgresEntries } from "./postgres-entries.js";
import { createPool } from "./postgres-pool.js";
import type { Storage } from "./storage.js";

/** Opens an inbox on pg-boss, in the database of the entries: any number of processes and workers, at least once. */
export async function openPgBoss(databaseUrl: string, log: Logger): Promise<Storage> {
  const pool = createPool(databaseUrl, log);
  // Short times, to watch it: the defaults ask the server less often.
  const times = { heartbeatSeconds: 10, pollSeconds: 0.2 };
  const boss = new PgBoss({
    connectionString: databaseUrl,
    superviseIntervalSeconds: 2,
    monitorIntervalSeconds: 2,
    schedule: false,
  });
  boss.on("error", (err) => log.warn({ err }, "pg-boss has reported an error"));
  const store = pgBossInbox(boss, { ...times, onWarning: (message) => log.warn(message) });
  const entries = await connect("PostgreSQL", async () => {
    await boss.start();
    await store.ready();
    return PostgresEntries.open(pool);
  });
  const close = async (): Promise<void> => {
    await store.close();
    await boss.stop();
    await pool.end();
  };
  return { name: "inbox on pg-boss", entries, store, close };
}
