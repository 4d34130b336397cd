import { readDeskEntries } from "@ahasend-webhooks/harness/desk-entries";

/** Number of effects by delivery id. */
export type Ledger = ReadonlyMap<string, number>;

/** Reads the effects from the place where they were written, not from a receiver's log. */
export async function readLedger(dataDir: string, databaseUrl: string | undefined): Promise<Ledger> {
  const effects = new Map<string, number>();
  for (const { deliveryId } of await readDeskEntries(dataDir, databaseUrl))
    effects.set(deliveryId, (effects.get(deliveryId) ?? 0) + 1);
  return effects;
}
