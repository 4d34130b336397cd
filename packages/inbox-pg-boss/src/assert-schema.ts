import type { BossDatabase, BossQueueResult } from "./pg-boss-like.js";

/**
 * pg-boss does not reveal its schema, and another one may contain a queue of the same name.
 *
 * @throws {Error} unless the schema contains the queue that pg-boss has found
 */
export async function assertSchema(
  db: BossDatabase,
  schema: string,
  { name, createdOn }: BossQueueResult,
): Promise<void> {
  const kept = await readCreatedOn(db, schema, name);
  // JSON, because a database of yours may return dates as strings.
  if (JSON.stringify(kept) === JSON.stringify(createdOn)) return;
  throw new Error(
    `The queue ${name} of this pg-boss is not in the schema ${schema}: set the option schema to that of PgBoss.`,
  );
}

async function readCreatedOn(db: BossDatabase, schema: string, name: string): Promise<unknown> {
  try {
    const text = `SELECT created_on FROM ${schema}.queue WHERE name = $1`;
    const [row] = (await db.executeSql(text, [name])).rows as { created_on: unknown }[];
    return row?.created_on;
  } catch (error) {
    // The table does not exist, or belongs to another role.
    if (error instanceof Error && "code" in error && /^(3F|42)/.test(String(error.code))) return undefined;
    throw error;
  }
}
