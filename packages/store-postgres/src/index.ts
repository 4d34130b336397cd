export type { ClientLike, PoolLike, QueryResultLike, Queryable } from "./client.js";
export type { PostgresMaintenance } from "./maintenance.js";
export { migrationSql } from "./migration.js";
export type { PostgresStoreOptions } from "./options.js";
export { postgresStore } from "./store.js";
export type { PostgresLeaseStore, PostgresTransactionalStore } from "./store.js";
export type { TableOptions } from "./table.js";
