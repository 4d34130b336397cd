import type { PgBossLike } from "./pg-boss-like.js";

/** Where the queues of an inbox are. */
export interface BossNames {
  /** Name of the queue. Dead letters are in a second one, with `-dead` at its end. @default "ahasend" */
  queue?: string;
  /** The option `schema` of pg-boss. @default "pgboss" */
  schema?: string;
}

/** Validates the queue and the schema, and adds defaults. @throws {TypeError} if one is not valid */
export function resolveNames({ queue = "ahasend", schema = "pgboss" }: BossNames): Required<BossNames> {
  assertNames({ queue, schema });
  return { queue, schema };
}

/** @throws {TypeError} unless it is a `PgBoss` */
export function assertBoss(boss: unknown): asserts boss is PgBossLike {
  // Older ones have no `update`.
  const { fetch, update, getDb } = (boss ?? {}) as Partial<PgBossLike>;
  if ([fetch, update, getDb].every((method) => typeof method === "function")) return;
  throw new TypeError(
    "boss must be a PgBoss of pg-boss 12.38 or newer: install pg-boss@12, and pass new PgBoss(connectionString).",
  );
}

function assertNames(names: { queue: string; schema: string }): void {
  for (const [option, name] of Object.entries(names)) {
    const pattern = option === "schema" ? /^[a-z_]\w{0,49}$/i : /^[\w.-]{1,200}$/;
    if (typeof name === "string" && pattern.test(name)) continue;
    throw new TypeError(`${option} must be a name of letters, digits and "_".`);
  }
}
