export type { IoredisLike, NodeRedisLike, RedisLike } from "./client.js";
export { redisStore } from "./store.js";
export type { RedisStoreOptions } from "./store.js";
