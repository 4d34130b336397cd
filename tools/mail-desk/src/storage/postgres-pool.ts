import { Pool } from "pg";
import type { Logger } from "pino";

/** Creates a pool for the entries of the desk and for receipts. */
export function createPool(connectionString: string, log: Logger): Pool {
  const pool = new Pool({ connectionString, max: 20, connectionTimeoutMillis: 2000, query_timeout: 10_000 });
  pool.on("error", (err) => log.warn({ err }, "an idle connection to PostgreSQL was closed"));
  return pool;
}
