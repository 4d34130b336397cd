import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { MemoryStore } from "@ahasend-webhooks/core";
import {
  hasMysql,
  hasPostgres,
  hasRedis,
  startMysql,
  startPostgres,
  startRedis,
} from "@ahasend-webhooks/harness";
import { mysqlStore } from "@ahasend-webhooks/store-mysql";
import { postgresStore } from "@ahasend-webhooks/store-postgres";
import { redisStore } from "@ahasend-webhooks/store-redis";
import { sqliteStore } from "@ahasend-webhooks/store-sqlite";
import { Redis } from "ioredis";
import Database from "libsql";
import mysql from "mysql2/promise";
import pg from "pg";

import { BATCH, RETAIN_MS, createHandle, createKey, fillByCommit } from "./store-calls.js";

/** A store, and what its server does without it. */
export interface Backend {
  name: string;
  /** Claims and commits one delivery, as a receiver does around a handler. */
  handle: (key: string) => unknown;
  /** The shortest round trip, if the store has a server. */
  ping?: Reference;
  /** The usual way to write a row for a key. */
  write?: Reference;
  /** Adds this many finished deliveries. */
  fill: (deliveries: number) => Promise<void>;
}

/** An operation that a store is compared with. */
export interface Reference {
  name: string;
  run: (key: string) => Promise<unknown>;
}

/** Servers that were started for the run, and stores on them. */
export interface Backends {
  /** Opens a new, empty store of each kind whose server is installed. */
  open: (name: string) => Promise<Backend[]>;
  redisUrl: string | undefined;
  stop: () => Promise<void>;
}

const CONNECTIONS = 16;

/** Starts Redis, PostgreSQL and MariaDB, if they are installed. */
export async function startBackends(): Promise<Backends> {
  // The usual setting for such stores: writes are on disk within a second.
  const redis = hasRedis()
    ? await startRedis(["--appendfsync", "everysec", "--databases", "100"])
    : undefined;
  const postgres = hasPostgres() ? await startPostgres({ durable: true }) : undefined;
  if (redis === undefined) console.error("Redis is not installed: its store is not measured.");
  if (postgres === undefined) console.error("PostgreSQL is not installed: its store is not measured.");
  const mysqlServer = hasMysql() ? await startMysql({ durable: true }) : undefined;
  if (mysqlServer === undefined) console.error("MariaDB is not installed: its store is not measured.");
  const mysqlPool = mysqlServer && mysql.createPool({ uri: mysqlServer.url, connectionLimit: CONNECTIONS });
  const pool = postgres && new pg.Pool({ connectionString: postgres.url, max: CONNECTIONS });
  const clients: Redis[] = [];
  const folder = mkdtempSync(join(tmpdir(), "ahasend-webhooks-bench-"));
  return {
    redisUrl: redis?.url,
    async open(name) {
      const opened = [createMemoryBackend(), createSqliteBackend(join(folder, `${name}.db`))];
      if (redis !== undefined) {
        const client = new Redis(redis.url, { db: clients.length });
        clients.push(client);
        opened.push(createRedisBackend(client));
      }
      if (pool !== undefined) {
        opened.push(await createPostgresBackend(pool, `${name}_lease`, "lease"));
        opened.push(await createPostgresBackend(pool, `${name}_transaction`, "transaction"));
      }
      if (mysqlPool !== undefined) {
        opened.push(await createMysqlBackend(mysqlPool, `${name}_lease`, "lease"));
        opened.push(await createMysqlBackend(mysqlPool, `${name}_transaction`, "transaction"));
      }
      return opened;
    },
    async stop() {
      for (const client of clients) client.disconnect();
      await pool?.end();
      await mysqlPool?.end();
      await redis?.stop();
      await postgres?.stop();
      await mysqlServer?.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function createMemoryBackend(): Backend {
  const store = new MemoryStore({ maxEntries: 5_000_000 });
  return { name: "MemoryStore", handle: createHandle(store), fill: (count) => fillByCommit(store, count) };
}

/** Without a server, it has no round trip to be compared with. */
function createSqliteBackend(file: string): Backend {
  const store = sqliteStore(new Database(file), { sweepIntervalSeconds: 0 });
  return { name: "SQLite", handle: createHandle(store), fill: (count) => fillByCommit(store, count) };
}

function createRedisBackend(client: Redis): Backend {
  const store = redisStore(client);
  return {
    name: "Redis",
    handle: createHandle(store),
    ping: { name: "bare PING", run: () => client.ping() },
    async fill(count) {
      await fillByCommit(store, count);
      // Waits until Redis has rewritten its log, which takes CPU time.
      while (/aof_rewrite_(in_progress|scheduled):1/.test(await client.info("persistence"))) await pause(100);
    },
  };
}

async function createPostgresBackend(
  pool: pg.Pool,
  table: string,
  mode: "lease" | "transaction",
): Promise<Backend> {
  const options = { table, sweepIntervalSeconds: 0 };
  const store = mode === "lease" ? postgresStore(pool, options) : postgresStore(pool, { ...options, mode });
  await store.migrate();
  await pool.query(`CREATE TABLE "${table}_bare" (key text COLLATE "C" PRIMARY KEY)`);
  const insert = `INSERT INTO "${table}_bare" (key) VALUES ($1)`;
  return {
    name: `PostgreSQL, ${mode}`,
    handle: createHandle(store),
    ping: { name: "bare SELECT 1", run: () => pool.query("SELECT 1") },
    write:
      mode === "lease"
        ? { name: "bare INSERT", run: (key) => pool.query(insert, [key]) }
        : { name: "bare BEGIN, INSERT, COMMIT", run: (key) => insertInTransaction(pool, insert, key) },
    async fill(count) {
      await pool.query(
        `INSERT INTO "${table}" (key, done, keep_until)
         SELECT 'default:msg_' || gen_random_uuid(), true, now() + interval '30 days' FROM generate_series(1, $1)`,
        [count],
      );
      await pool.query(`VACUUM ANALYZE "${table}"`);
    },
  };
}

async function createMysqlBackend(
  pool: mysql.Pool,
  table: string,
  mode: "lease" | "transaction",
): Promise<Backend> {
  const settings = { table, sweepIntervalSeconds: 0 };
  const lease = mysqlStore(pool, settings);
  await lease.migrate();
  return {
    name: `MariaDB, ${mode}`,
    handle: createHandle(mode === "lease" ? lease : mysqlStore(pool, { ...settings, mode })),
    ping: { name: "bare SELECT 1 of MariaDB", run: () => pool.query("SELECT 1") },
    async fill(count) {
      for (let filled = 0; filled < count; filled += BATCH) {
        const rows = Array.from({ length: Math.min(BATCH, count - filled) }, () => [
          createKey(),
          true,
          Date.now() + RETAIN_MS,
        ]);
        await pool.query("INSERT INTO ?? (`key`, done, keep_until) VALUES ?", [table, rows]);
      }
    },
  };
}

async function insertInTransaction(pool: pg.Pool, insert: string, key: string): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    await client.query(insert, [key]);
    await client.query("COMMIT");
  } finally {
    client.release();
  }
}
