import { join } from "node:path";

import { MemoryStore, type Store } from "@ahasend-webhooks/core";
import { postgresStore } from "@ahasend-webhooks/store-postgres";
import { redisStore } from "@ahasend-webhooks/store-redis";
import { Redis } from "ioredis";
import { Pool, type PoolClient } from "pg";
import type { Logger } from "pino";

import type { Config } from "./config.js";
import { DatabaseDesk } from "./database-desk.js";
import type { Desk } from "./desk.js";
import { FileDesk } from "./file-desk.js";
import { Journal } from "./journal.js";

/** Where the app keeps what it knows, and which deliveries it has handled. */
export interface Storage {
  name: "PostgreSQL" | "Redis" | "memory";
  desk: Desk;
  store: Store<{ client: PoolClient }>;
  close(): Promise<void> | void;
}

/**
 * Opens what the environment asks for: PostgreSQL, else Redis, else memory.
 *
 * @throws {Error} that says which variable to look at
 */
export async function openStorage(config: Config, log: Logger): Promise<Storage> {
  if (config.databaseUrl !== undefined) return openPostgres(config.databaseUrl, log);
  const desk = new FileDesk(await Journal.open(join(config.dataDir, "journal.jsonl")));
  if (config.redisUrl !== undefined) return openRedis(config.redisUrl, desk, log);
  return { name: "memory", desk, store: new MemoryStore(), close: () => undefined };
}

/** Any number of processes; each entry of the desk exactly once. */
async function openPostgres(connectionString: string, log: Logger): Promise<Storage> {
  const pool = new Pool({ connectionString, max: 20, connectionTimeoutMillis: 2000, query_timeout: 10_000 });
  pool.on("error", (err) => log.warn({ err }, "an idle connection to PostgreSQL was closed"));
  const store = postgresStore(pool, { mode: "transaction" });
  const close = async (): Promise<void> => {
    store.close();
    await pool.end();
  };
  try {
    await store.migrate();
    return { name: "PostgreSQL", desk: await DatabaseDesk.open(pool), store, close };
  } catch (cause) {
    await close();
    throw new Error(`DATABASE_URL: PostgreSQL cannot be used (${reasonOf(cause)}): check the URL.`, {
      cause,
    });
  }
}

/** Several processes on one machine, which share the files; a crash may run a handler twice. */
async function openRedis(url: string, desk: Desk, log: Logger): Promise<Storage> {
  const redis = new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    // A network that swallows replies must not keep the connection.
    socketTimeout: 2000,
  });
  redis.on("error", (err: Error) => log.warn({ err }, "no connection to Redis"));
  try {
    await redis.connect();
  } catch (cause) {
    redis.disconnect();
    throw new Error(`REDIS_URL: Redis cannot be used (${reasonOf(cause)}): check the URL.`, { cause });
  }
  const onWarning = (message: string) => log.warn(message);
  return { name: "Redis", desk, store: redisStore(redis, { onWarning }), close: () => redis.disconnect() };
}

function reasonOf(error: unknown): string {
  // Node tries all addresses of a host, and then has a message for each and none for all.
  const one: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return one instanceof Error ? one.message : String(one);
}
