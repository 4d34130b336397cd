import type { Logger } from "pino";

import type { Config } from "../config.js";
import type { Storage } from "./storage.js";

/** Settings of a storage. */
export type StorageConfig = Pick<Config, "dataDir" | "databaseUrl" | "redisUrl">;

/**
 * Opens the storage that the environment asks for: PostgreSQL, else Redis, else a SQLite file. Only its own driver is
 * loaded.
 *
 * @throws {Error} naming the variable to check
 */
export async function openStorage(config: StorageConfig, log: Logger): Promise<Storage> {
  const { dataDir, databaseUrl, redisUrl } = config;
  if (databaseUrl !== undefined) return (await import("./postgres.js")).openPostgres(databaseUrl, log);
  if (redisUrl !== undefined) return (await import("./redis.js")).openRedis(redisUrl, dataDir, log);
  return (await import("./sqlite.js")).openSqlite(dataDir, log);
}
