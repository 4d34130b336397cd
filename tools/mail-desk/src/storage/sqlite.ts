import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { sqliteInbox } from "@ahasend-webhooks/store-sqlite";
import Database from "libsql";
import type { Logger } from "pino";

import { FileEntries } from "./file-entries.js";
import type { Storage } from "./storage.js";

/** Opens an inbox in a file, for one process: deliveries are acknowledged at once and handled later, at least once. */
export async function openSqlite(dataDir: string, log: Logger): Promise<Storage> {
  await mkdir(dataDir, { recursive: true });
  const db = new Database(join(dataDir, "desk.db"));
  const close = () => void db.close();
  try {
    const store = sqliteInbox(db, { onWarning: (message) => log.warn(message) });
    return { name: "SQLite", entries: await FileEntries.open(dataDir), store, close };
  } catch (cause) {
    close();
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`DATA_DIR: desk.db cannot be used. ${reason}`, { cause });
  }
}
