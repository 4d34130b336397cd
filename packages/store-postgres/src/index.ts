export type { ClientLike, PoolLike, QueryResultLike, Queryable } from "./pg-like.js";
export type { PostgresMaintenance } from "./maintenance.js";
export { migrationSql } from "./migration-sql.js";
export type { PostgresStoreOptions } from "./options.js";
export { postgresStore } from "./postgres-store.js";
export type { PostgresLeaseStore, PostgresTransactionalStore } from "./postgres-store.js";
export type { TableOptions } from "./table.js";
