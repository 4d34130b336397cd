import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import Database from "libsql";
import pg from "pg";

/** An entry of an example app's desk. */
export type DeskEntry = { deliveryId: string } & Record<string, unknown>;

/** Reads the entries of an example app in their order, from wherever it has written them. */
export async function readDeskEntries(
  dataDir: string,
  databaseUrl: string | undefined,
): Promise<DeskEntry[]> {
  const inTable = databaseUrl === undefined ? [] : await readTable(databaseUrl);
  return [...inTable, ...(await readJournal(dataDir)), ...readSqlite(dataDir)];
}

async function readTable(connectionString: string): Promise<DeskEntry[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    const { rows: tables } = await client.query("SELECT 1 WHERE to_regclass('desk_entries') IS NOT NULL");
    if (tables.length === 0) return [];
    const { rows } = await client.query<{ entry: DeskEntry }>("SELECT entry FROM desk_entries ORDER BY id");
    return rows.map(({ entry }) => entry);
  } finally {
    await client.end();
  }
}

/** A kill can leave half a line: an entry that was never complete. */
async function readJournal(dataDir: string): Promise<DeskEntry[]> {
  const path = join(dataDir, "journal.jsonl");
  if (!existsSync(path)) return [];
  const text = await readFile(path, "utf8");
  return text.split("\n").flatMap((line) => {
    try {
      return [JSON.parse(line) as DeskEntry];
    } catch {
      return [];
    }
  });
}

function readSqlite(dataDir: string): DeskEntry[] {
  const path = join(dataDir, "desk.db");
  if (!existsSync(path)) return [];
  const db = new Database(path, { timeout: 5000 });
  try {
    const tables = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'desk_entries'").all();
    if (tables.length === 0) return [];
    const rows = db.prepare("SELECT entry FROM desk_entries ORDER BY id").all() as { entry: string }[];
    return rows.map(({ entry }) => JSON.parse(entry) as DeskEntry);
  } finally {
    db.close();
  }
}
