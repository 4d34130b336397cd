import type { InboxAdmin } from "@ahasend-webhooks/core";

import type { InboxTarget } from "./inbox-target.js";
import { loadPackage } from "./load-package.js";
import type { OpenedInbox } from "./opened-inbox.js";

/** The driver of PostgreSQL, as far as it is used here. */
interface Pg {
  Pool: new (options: object) => { on(event: "error", listener: () => void): unknown; end(): Promise<void> };
}

interface StorePostgres {
  postgresInbox: (pool: object, options: object) => InboxAdmin & { close(): void };
}

const NEEDED = ["@ahasend-webhooks/store-postgres", "pg"];
const CONNECT_TIMEOUT_MS = 5000;

/** Opens the table of `postgresInbox`. */
export function openPostgres({ url, names }: InboxTarget & { engine: "postgres" }): OpenedInbox {
  const { postgresInbox } = loadPackage("@ahasend-webhooks/store-postgres", NEEDED) as StorePostgres;
  const pool = createPool(loadPackage("pg", NEEDED) as Pg, url);
  const inbox = postgresInbox(pool, { ...names, sweepIntervalSeconds: 0 });
  return {
    admin: inbox,
    async close() {
      inbox.close();
      await pool.end();
    },
  };
}

function createPool({ Pool }: Pg, connectionString: string) {
  const pool = new Pool({ connectionString, max: 2, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  // The next query rejects; without a listener the process would end.
  pool.on("error", () => undefined);
  return pool;
}
