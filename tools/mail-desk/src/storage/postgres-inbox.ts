import { postgresInbox } from "@ahasend-webhooks/store-postgres";
import type { Logger } from "pino";

import { connect } from "./connect.js";
import { PostgresEntries } from "./postgres-entries.js";
import { createPool } from "./postgres-pool.js";
import type { Storage } from "./storage.js";

/** Opens an inbox in PostgreSQL, beside the entries: any number of processes and workers, each entry exactly once. */
export async function openPostgresInbox(databaseUrl: string, log: Logger): Promise<Storage> {
  const pool = createPool(databaseUrl, log);
  // Short times, to watch it: the defaults ask the server less often.
  const times = { leaseSeconds: 5, pollIntervalSeconds: 0.2 };
  const store = postgresInbox(pool, { ...times, onWarning: (message) => log.warn(message) });
  const entries = await connect("PostgreSQL", async () => {
    await store.migrate();
    return PostgresEntries.open(pool);
  });
  const close = async (): Promise<void> => {
    store.close();
    await pool.end();
  };
  return { name: "inbox in PostgreSQL", entries, store, close };
}
