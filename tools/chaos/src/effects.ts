import { appendFile, readFile } from "node:fs/promises";
import { join } from "node:path";

import mysql from "mysql2/promise";
import pg from "pg";

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

const toPath = (dataDir: string): string => join(dataDir, "effects.jsonl");

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
  return appendFile(toPath(dataDir), `\n${JSON.stringify(effect)}\n`, { flush: true });
}

/** Reads the effects from the place where they were written, not from a receiver's log. */
export async function readEffects(dataDir: string, databaseUrl: string | undefined): Promise<Effect[]> {
  if (databaseUrl === undefined) return readFileEffects(dataDir);
  if (databaseUrl.startsWith("mysql:")) return readMysqlEffects(databaseUrl);
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ effect: Effect }>("SELECT effect FROM effects");
    return rows.map(({ effect }) => effect);
  } finally {
    await client.end();
  }
}

async function readMysqlEffects(databaseUrl: string): Promise<Effect[]> {
  const connection = await mysql.createConnection(databaseUrl);
  try {
    const [rows] = await connection.query<mysql.RowDataPacket[]>("SELECT effect FROM effects");
    return rows.map(({ effect }) => JSON.parse(effect as string) as Effect);
  } finally {
    await connection.end();
  }
}

/** A kill can leave half a line: an effect that was never complete. */
async function readFileEffects(dataDir: string): Promise<Effect[]> {
  const text = await readFile(toPath(dataDir), { encoding: "utf8", flag: "a+" });
  return text.split("\n").flatMap((line) => {
    try {
      return [JSON.parse(line) as Effect];
    } catch {
      return [];
    }
  });
}
