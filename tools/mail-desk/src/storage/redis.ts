import { redisStore } from "@ahasend-webhooks/store-redis";
import { Redis } from "ioredis";
import type { Logger } from "pino";

import { connect } from "./connect.js";
import { FileJournal } from "./file-journal.js";
import { JournalEntries } from "./journal-entries.js";
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
  await connect("Redis", () => redis.connect());
  const store = redisStore(redis, { onWarning: (message) => log.warn(message) });
  const entries = new JournalEntries(await FileJournal.open(dataDir));
  return { name: "Redis", entries, store, close: () => redis.disconnect() };
}
