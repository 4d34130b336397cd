export { createMysqlDatabase, hasMysql, startMysql } from "./mysql.js";
export { hasPgBouncer, startPgBouncer } from "./pgbouncer.js";
export { createDatabase, hasPostgres, startPostgres } from "./postgres.js";
export type { TestServer } from "./process.js";
export { hasRedis, startRedis, startRedisCluster } from "./redis.js";
export { required } from "./required.js";
