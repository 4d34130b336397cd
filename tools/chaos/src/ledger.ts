import { readFile } from "node:fs/promises";
import { join } from "node:path";

import pg from "pg";

/** Number of effects by delivery id. */
export type Ledger = ReadonlyMap<string, number>;

/** Returns the file in which they keep them without PostgreSQL. */
const journalPath = (dataDir: string): string => join(dataDir, "journal.jsonl");

/** Reads the effects from the place where they were written, not from a receiver's log. */
export async function readLedger(dataDir: string, databaseUrl: string | undefined): Promise<Ledger> {
  const ids = databaseUrl === undefined ? await readFileIds(dataDir) : await readTableIds(databaseUrl);
  const effects = new Map<string, number>();
  for (const id of ids) effects.set(id, (effects.get(id) ?? 0) + 1);
  return effects;
}

async function readTableIds(connectionString: string): Promise<string[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    const { rows } = await client.query<{ id: string }>(
      "SELECT entry->>'deliveryId' AS id FROM desk_entries",
    );
    return rows.map(({ id }) => id);
  } finally {
    await client.end();
  }
}

/** A kill can leave half a line: an effect that was never complete. */
async function readFileIds(dataDir: string): Promise<string[]> {
  const text = await readFile(journalPath(dataDir), { encoding: "utf8", flag: "a+" });
  return text.split("\n").flatMap((line) => {
    try {
      return [(JSON.parse(line) as { deliveryId: string }).deliveryId];
    } catch {
      return [];
    }
  });
}
