import { statSync } from "node:fs";

import type { InboxAdmin } from "@ahasend-webhooks/core";

import { UsageError } from "../exit.js";
import type { InboxTarget } from "./inbox-target.js";
import { findPackage, loadPackage } from "./load-package.js";
import type { OpenedInbox } from "./opened-inbox.js";

/** A connection of any driver, as far as it is used here. */
interface Database {
  exec(sql: string): unknown;
  close(): unknown;
}

type Driver = new (file: string) => Database;

interface StoreSqlite {
  sqliteInboxAdmin: (db: object, options: object) => InboxAdmin;
}

const NEEDED = ["@ahasend-webhooks/store-sqlite", "libsql"];
/** The app writes meanwhile. */
const BUSY_TIMEOUT_MS = 5000;

/** Opens the table of `sqliteInbox`, beside the app that has it locked. */
export function openSqlite({ file, names }: InboxTarget & { engine: "sqlite" }): OpenedInbox {
  // A driver would create it.
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) throw new UsageError(`The file ${file} does not exist: correct --database.`);
  if (!found.isFile()) throw new UsageError(`${file} is not a file: correct --database.`);
  const { sqliteInboxAdmin } = loadPackage("@ahasend-webhooks/store-sqlite", NEEDED) as StoreSqlite;
  const db = new (findDriver())(file);
  try {
    db.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    return { admin: sqliteInboxAdmin(db, names), close: () => void db.close() };
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Returns a driver that the project has, else that of Node.js. */
function findDriver(): Driver {
  const installed = (findPackage("libsql") ?? findPackage("better-sqlite3")) as Driver | undefined;
  if (installed !== undefined) return installed;
  const builtin = findPackage("node:sqlite") as { DatabaseSync: Driver } | undefined;
  return builtin?.DatabaseSync ?? (loadPackage("libsql", NEEDED) as Driver);
}
