import { mysqlStore } from "@ahasend-webhooks/store-mysql";
import mysql from "mysql2/promise";
import type { Logger } from "pino";

import { connect } from "./connect.js";
import { MysqlEntries } from "./mysql-entries.js";
import type { Storage } from "./storage.js";

/** Opens MySQL or MariaDB for entries and receipts: any number of processes, each entry exactly once. */
export async function openMysql(uri: string, log: Logger): Promise<Storage> {
  return connect("MySQL", async () => {
    const pool = mysql.createPool({ uri, connectionLimit: 20, connectTimeout: 2000 });
    const store = mysqlStore(pool, { mode: "transaction", onWarning: (message) => log.warn(message) });
    await store.migrate();
    const close = (): Promise<void> => {
      store.close();
      return pool.end();
    };
    return { name: "MySQL", entries: await MysqlEntries.open(pool), store, close };
  });
}
