export { fromDrizzle } from "./executors/from-drizzle.js";
export { fromKnex } from "./executors/from-knex.js";
export { fromKysely } from "./executors/from-kysely.js";
export { fromMikroOrm } from "./executors/from-mikro-orm.js";
export { fromPostgresJs } from "./executors/from-postgres-js.js";
export { fromPrisma } from "./executors/from-prisma.js";
export { fromSequelize } from "./executors/from-sequelize.js";
export { fromTypeOrm } from "./executors/from-typeorm.js";
export type {
  DrizzleLike,
  DrizzleSession,
  KyselyLike,
  KyselySession,
  PrismaLike,
  PrismaSession,
  PrismaTransactionOptions,
  TypeOrmLike,
  TypeOrmSession,
} from "@ahasend-webhooks/core/sql";
export type { DrizzleSql } from "./executors/from-drizzle.js";
export type { KnexLike, KnexSession } from "./executors/from-knex.js";
export type { MikroOrmLike } from "./executors/from-mikro-orm.js";
export type { PostgresJsLike, PostgresJsSession } from "./executors/from-postgres-js.js";
export type { SequelizeLike } from "./executors/from-sequelize.js";
export type { SqlExecutor, SqlQuery, SqlValue } from "./executors/sql-executor.js";
export { inboxMigrationSql } from "./inbox/inbox-migration-sql.js";
export { migrationSql } from "./migration-sql.js";
export type { PostgresInboxOptions } from "./inbox/inbox-options.js";
export type { InboxTableOptions } from "./inbox/inbox-table-name.js";
export { postgresInbox } from "./inbox/postgres-inbox.js";
export type { PostgresInbox } from "./inbox/postgres-inbox.js";
export type { ClientLike, PoolLike, QueryResultLike, Queryable } from "./database/pg-like.js";
export type { PostgresMaintenance } from "./maintenance.js";
export type { PostgresStoreOptions } from "./options.js";
export { postgresStore } from "./postgres-store.js";
export type { PostgresLeaseStore, PostgresTransactionalStore } from "./postgres-store.js";
export type { TableOptions } from "./table.js";
