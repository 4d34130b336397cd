import { readFile } from "node:fs/promises";

import mysql from "mysql2/promise";
import pg from "pg";

import { type Effect, toEffectsPath } from "./effects.js";

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
  const text = await readFile(toEffectsPath(dataDir), { encoding: "utf8", flag: "a+" });
  return text.split("\n").flatMap((line) => {
    try {
      return [JSON.parse(line) as Effect];
    } catch {
      return [];
    }
  });
}
