import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { type SqliteLike, sqliteInbox } from "@ahasend-webhooks/store-sqlite";
import type { Logger } from "pino";

import { JournalEntries } from "./journal-entries.js";
import { SqliteJournal } from "./sqlite-journal.js";
import type { Storage } from "./storage.js";

interface SqliteConnection extends SqliteLike {
  close(): unknown;
}

/**
 * Opens one file for inbox and entries, for one process: deliveries are acknowledged at once and handled later, at least
 * once.
 */
export async function openSqlite(dataDir: string, log: Logger): Promise<Storage> {
  await mkdir(dataDir, { recursive: true });
  try {
    const db = await openFile(join(dataDir, "desk.db"));
    const store = sqliteInbox(db, { onWarning: (message) => log.warn(message) });
    const entries = new JournalEntries(new SqliteJournal(db));
    return { name: "SQLite", entries, store, close: () => void db.close() };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`DATA_DIR: desk.db cannot be used. ${reason}`, { cause });
  }
}

/** Node.js has SQLite built in from version 22, and warns that it is experimental before version 24. */
async function openFile(path: string): Promise<SqliteConnection> {
  if (Number.parseInt(process.versions.node) >= 24) {
    const { DatabaseSync } = process.getBuiltinModule("node:sqlite" as "node:process") as unknown as {
      DatabaseSync: new (path: string) => SqliteConnection;
    };
    return new DatabaseSync(path);
  }
  const { default: Database } = await import("libsql");
  return new Database(path);
}
