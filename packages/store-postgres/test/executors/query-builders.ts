import { sql as drizzleSql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import { drizzle as drizzleOnPostgresJs } from "drizzle-orm/postgres-js";
import { pgTable, text } from "drizzle-orm/pg-core";
import knex from "knex";
import { CompiledQuery, Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import postgres from "postgres";

import { fromDrizzle, fromKnex, fromKysely, fromPostgresJs } from "../../src/index.js";
import { type ExecutorUnderTest, MAX_CONNECTIONS, toExecutorUnderTest } from "./executor-under-test.js";

const effects = pgTable("effects", { delivery: text().notNull() });

/** Opens a pool whose clients do not end the process when their connection breaks during a transaction. */
function openPool(url: string): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max: MAX_CONNECTIONS });
  pool.on("error", () => undefined);
  return pool.on("connect", (client) => void client.on("error", () => undefined));
}

export function openDrizzle(url: string): ExecutorUnderTest {
  const pool = openPool(url);
  return toExecutorUnderTest(fromDrizzle(drizzle(pool), drizzleSql), {
    write: (tx, delivery) => tx.insert(effects).values({ delivery }),
    run: (tx, sql) => tx.execute(sql),
    close: () => pool.end(),
  });
}

export function openDrizzleOnPostgresJs(url: string, prepare = true): ExecutorUnderTest {
  const sql = postgres(url, { max: MAX_CONNECTIONS, prepare, onnotice: () => undefined });
  return toExecutorUnderTest(fromDrizzle(drizzleOnPostgresJs(sql), drizzleSql), {
    write: (tx, delivery) => tx.insert(effects).values({ delivery }),
    run: (tx, text) => tx.execute(text),
    // After a connection has broken, it would wait for it forever.
    close: () => sql.end({ timeout: 0.01 }),
  });
}

export function openKysely(url: string): ExecutorUnderTest {
  const db = new Kysely<{ effects: { delivery: string } }>({
    dialect: new PostgresDialect({ pool: openPool(url) }),
  });
  return toExecutorUnderTest(fromKysely(db), {
    write: (tx, delivery) => tx.insertInto("effects").values({ delivery }).execute(),
    run: (tx, sql) => tx.executeQuery(CompiledQuery.raw(sql)),
    close: () => db.destroy(),
  });
}

export function openKnex(url: string): ExecutorUnderTest {
  // It logs connections that break.
  const db = knex({
    client: "pg",
    connection: url,
    pool: { max: MAX_CONNECTIONS },
    log: { warn: () => undefined },
  });
  return toExecutorUnderTest(fromKnex(db), {
    write: (tx, delivery) => tx("effects").insert({ delivery }),
    run: (tx, sql) => tx.raw(sql),
    close: () => db.destroy(),
  });
}

export function openPostgresJs(url: string, prepare = true): ExecutorUnderTest {
  const sql = postgres(url, { max: MAX_CONNECTIONS, prepare, onnotice: () => undefined });
  return toExecutorUnderTest(fromPostgresJs(sql), {
    write: (tx, delivery) => tx`INSERT INTO effects (delivery) VALUES (${delivery})`,
    run: (tx, text) => tx.unsafe(text),
    // After a connection has broken, it would wait for it forever.
    close: () => sql.end({ timeout: 0.01 }),
  });
}
