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
