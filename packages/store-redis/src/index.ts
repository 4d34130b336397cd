export type { IoredisLike, NodeRedisLike, RedisLike } from "./script-runner.js";
export { redisStore } from "./redis-store.js";
export type { RedisStoreOptions } from "./redis-store.js";
