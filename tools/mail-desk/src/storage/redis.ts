import { redisStore } from "@ahasend-webhooks/store-redis";
import { Redis } from "ioredis";
import type { Logger } from "pino";

import { describeConnectionError } from "./connection-error.js";
import { FileEntries } from "./file-entries.js";
import type { Storage } from "./storage.js";

/** Opens Redis: several processes on one machine, with shared files. A crash may run a handler twice. */
export async function openRedis(url: string, dataDir: string, log: Logger): Promise<Storage> {
  const redis = new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    // A connection on which replies get lost must be given up.
    socketTimeout: 2000,
  });
  redis.on("error", (err: Error) => log.warn({ err }, "no connection to Redis"));
  try {
    await redis.connect();
  } catch (cause) {
    redis.disconnect();
    const reason = describeConnectionError(cause);
    throw new Error(`REDIS_URL: Redis cannot be used (${reason}): check the URL.`, { cause });
  }
  const store = redisStore(redis, { onWarning: (message) => log.warn(message) });
  return { name: "Redis", entries: await FileEntries.open(dataDir), store, close: () => redis.disconnect() };
}
