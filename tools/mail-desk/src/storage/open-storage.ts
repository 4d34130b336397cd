import type { Logger } from "pino";

import type { StorageConfig } from "./storage-config.js";
import type { Storage } from "./storage.js";

/**
 * Opens a storage. Only its own drivers are loaded.
 *
 * @throws {Error} naming the variable to check
 */
export async function openStorage(config: StorageConfig, log: Logger): Promise<Storage> {
  switch (config.kind) {
    case "postgres":
      return (await import("./postgres.js")).openPostgres(config.databaseUrl, log);
    case "mysql":
      return (await import("./mysql.js")).openMysql(config.mysqlUrl, log);
    case "redis":
      return (await import("./redis.js")).openRedis(config.redisUrl, config.dataDir, log);
    case "sqlite inbox":
      return (await import("./sqlite.js")).openSqlite(config.dataDir, log);
    case "postgres inbox":
      return (await import("./postgres-inbox.js")).openPostgresInbox(config.databaseUrl, log);
    case "pg-boss inbox":
      return (await import("./pg-boss.js")).openPgBoss(config.databaseUrl, log);
    default:
      return (await import("./bullmq.js")).openBullmq(config, log);
  }
}
