export type { IoredisLike, NodeRedisLike, RedisLike } from "./redis-commands.js";
export { redisStore } from "./redis-store.js";
export type { RedisStoreOptions } from "./redis-store.js";
