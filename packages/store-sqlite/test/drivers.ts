import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import Database from "libsql";
import { onTestFinished } from "vitest";

import type { SqliteLike } from "../src/index.js";

/** A connection that tests can close. */
export interface TestDatabase extends SqliteLike {
  close(): void;
}

type Driver = new (file: string) => TestDatabase;

interface BuiltinSqlite {
  DatabaseSync: Driver;
}

/** Node.js 22 and newer have SQLite built in. */
const builtin = (process as { getBuiltinModule?: (id: string) => unknown }).getBuiltinModule?.("node:sqlite");

/** The drivers that run here, by name. */
export const drivers: Readonly<Record<string, Driver>> = {
  libsql: Database,
  ...(builtin === undefined ? {} : { "node:sqlite": (builtin as BuiltinSqlite).DatabaseSync }),
};

/** Returns a path for a database in a folder that is removed after the test. */
export function createFile(): string {
  const folder = mkdtempSync(join(tmpdir(), "ahasend-webhooks-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "ahasend.db");
}

/** Opens a database that is closed after the test. */
export function openDatabase(driver = "libsql", file = ":memory:"): TestDatabase {
  const Driver = drivers[driver];
  if (Driver === undefined) throw new Error(`The driver ${driver} does not exist.`);
  const db = new Driver(file);
  onTestFinished(() => {
    try {
      db.close();
    } catch {
      // The test has closed it.
    }
  });
  return db;
}
