import { redisStore } from "@ahasend-webhooks/store-redis";
import { Redis } from "ioredis";

import { appendEffect } from "../effects.js";
import { plantInStore } from "./planted.js";
import { type Setup, log } from "../setup.js";
import type { Engine } from "./engine.js";

const keyPrefix = "chaos:";

export async function openRedisStore({ url, dataDir, bug, deadlineSeconds }: Setup): Promise<Engine> {
  const redis = new Redis(url, { lazyConnect: true, enableOfflineQueue: false, maxRetriesPerRequest: 1 });
  redis.on("error", (error: Error) => log({ msg: error.message }));
  await redis.connect();
  const forget = (key: string) => redis.del(keyPrefix + key);
  return {
    store: plantInStore(redisStore(redis, { keyPrefix }), bug, {
      forget,
      deadlineMs: deadlineSeconds * 1000,
    }),
    write: (effect) => appendEffect(dataDir, effect),
    close: () => redis.disconnect(),
  };
}
