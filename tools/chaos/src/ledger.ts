import { join } from "node:path";

import { readDeskEntries } from "@ahasend-webhooks/harness/desk-entries";

/** Number of effects by delivery id. */
export type Ledger = ReadonlyMap<string, number>;

/** The table in which the example apps keep their entries. */
export const tableSql = `
  SELECT pg_advisory_xact_lock(hashtextextended('desk', 0));
  CREATE TABLE IF NOT EXISTS desk_entries (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    entry jsonb NOT NULL
  )`;

/** Returns the file in which they keep them where there is only Redis. */
export const journalPath = (dataDir: string): string => join(dataDir, "journal.jsonl");

/** Reads the effects from the place where they were written, not from a receiver's log. */
export async function readLedger(dataDir: string, databaseUrl: string | undefined): Promise<Ledger> {
  const effects = new Map<string, number>();
  for (const { deliveryId } of await readDeskEntries(dataDir, databaseUrl))
    effects.set(deliveryId, (effects.get(deliveryId) ?? 0) + 1);
  return effects;
}
