export { fromDrizzle } from "./executors/from-drizzle.js";
export { fromKysely } from "./executors/from-kysely.js";
export { fromPrisma } from "./executors/from-prisma.js";
export { fromTypeOrm } from "./executors/from-typeorm.js";
export type { SqlExecutor, SqlQuery, SqlResult } from "./executors/sql-executor.js";
export { migrationSql } from "./migration-sql.js";
export type { MysqlMaintenance } from "./maintenance.js";
export type {
  CallbackPoolLike,
  ConnectionLike,
  PoolLike,
  PromisePoolLike,
  QueryLike,
} from "./database/mysql-like.js";
export { mysqlStore } from "./mysql-store.js";
export type { MysqlLeaseStore, MysqlTransactionalStore } from "./mysql-store.js";
export type { MysqlStoreOptions } from "./options.js";
export type { TableOptions } from "./table.js";
export type {
  DrizzleLike,
  DrizzleSession,
  KyselyLike,
  KyselyResult,
  KyselySession,
  PrismaLike,
  PrismaSession,
  PrismaTransactionOptions,
  TypeOrmLike,
  TypeOrmSession,
} from "@ahasend-webhooks/core/sql";
