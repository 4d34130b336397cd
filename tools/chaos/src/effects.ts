import { appendFile } from "node:fs/promises";
import { join } from "node:path";

/** One run of the test receiver's handler that has ended, as it is written where the scenario keeps its effects. */
export interface Effect {
  deliveryId: string;
  /** Events with the same key may have to be handled in order. */
  key: string;
  /** Microseconds of the machine's clock that all processes share. */
  startedAt: number;
  endedAt: number;
}

/** Reads the clock that all processes of the machine share, in microseconds. It is never set back. */
export const readClock = (): number => Number(process.hrtime.bigint() / 1000n);

/** Returns the path of the file of effects. */
export const toEffectsPath = (dataDir: string): string => join(dataDir, "effects.jsonl");

/** A connection of pg or of mysql2 that writes effects. */
export interface SqlClient {
  query(sql: string, values: unknown[]): Promise<unknown>;
}

/** Creates the table of effects. */
export const effectsTableSql = `
  SELECT pg_advisory_xact_lock(hashtextextended('effects', 0));
  CREATE TABLE IF NOT EXISTS effects (effect jsonb NOT NULL)`;

/** Writes an effect into the table, in the transaction of a client if it has one. */
export async function insertEffect(client: SqlClient, effect: Effect): Promise<void> {
  await client.query("INSERT INTO effects (effect) VALUES ($1)", [JSON.stringify(effect)]);
}

/** Writes an effect to the file, without a database. Its order is that of the ends of handlers. */
export function appendEffect(dataDir: string, effect: Effect): Promise<void> {
  return appendFile(toEffectsPath(dataDir), `\n${JSON.stringify(effect)}\n`, { flush: true });
}
