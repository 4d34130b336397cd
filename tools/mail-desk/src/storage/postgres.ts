import { postgresStore } from "@ahasend-webhooks/store-postgres";
import { Pool } from "pg";
import type { Logger } from "pino";

import { describeConnectionError } from "./connection-error.js";
import { PostgresEntries } from "./postgres-entries.js";
import type { Storage } from "./storage.js";

/** Opens PostgreSQL: any number of processes, each entry exactly once. */
export async function openPostgres(connectionString: string, log: Logger): Promise<Storage> {
  const pool = new Pool({ connectionString, max: 20, connectionTimeoutMillis: 2000, query_timeout: 10_000 });
  pool.on("error", (err) => log.warn({ err }, "an idle connection to PostgreSQL was closed"));
  const store = postgresStore(pool, { mode: "transaction" });
  const close = async (): Promise<void> => {
    store.close();
    await pool.end();
  };
  try {
    await store.migrate();
    return { name: "PostgreSQL", entries: await PostgresEntries.open(pool), store, close };
  } catch (cause) {
    await close();
    const reason = describeConnectionError(cause);
    throw new Error(`DATABASE_URL: PostgreSQL cannot be used (${reason}): check the URL.`, { cause });
  }
}
