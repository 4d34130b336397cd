import { postgresStore } from "@ahasend-webhooks/store-postgres";
import type { Logger } from "pino";

import { connect } from "./connect.js";
import { PostgresEntries } from "./postgres-entries.js";
import { createPool } from "./postgres-pool.js";
import type { Storage } from "./storage.js";

/** Opens PostgreSQL for entries and receipts: any number of processes, each entry exactly once. */
export async function openPostgres(databaseUrl: string, log: Logger): Promise<Storage> {
  const pool = createPool(databaseUrl, log);
  const store = postgresStore(pool, { mode: "transaction", onWarning: (message) => log.warn(message) });
  const entries = await connect("PostgreSQL", async () => {
    await store.migrate();
    return PostgresEntries.open(pool);
  });
  const close = async (): Promise<void> => {
    store.close();
    await pool.end();
  };
  return { name: "PostgreSQL", entries, store, close };
}
