import { createReceiver, createWorker } from "@ahasend-webhooks/core";
import type { EntityManager as MikroEntityManager, SqlEntityManager } from "@mikro-orm/postgresql";
import { sql as drizzleSql } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import type { PostgresJsDatabase } from "drizzle-orm/postgres-js";
import type { Knex } from "knex";
import type { Transaction as KyselyTransaction, Kysely } from "kysely";
import type { Sql, TransactionSql } from "postgres";
import type { Transaction as SequelizeTransaction, Sequelize } from "sequelize";
import type { DataSource, EntityManager } from "typeorm";
import { expectTypeOf, it } from "vitest";

import {
  type PostgresInbox,
  type PostgresLeaseStore,
  type PostgresTransactionalStore,
  type SqlExecutor,
  fromDrizzle,
  fromKnex,
  fromKysely,
  fromMikroOrm,
  fromPostgresJs,
  fromPrisma,
  fromSequelize,
  fromTypeOrm,
  postgresInbox,
  postgresStore,
} from "../../src/index.js";
import type { PrismaClient } from "@ahasend-webhooks/harness/prisma-client";

type TxOf<Executor> = Executor extends SqlExecutor<infer Tx> ? Tx : never;
type FirstOf<Callback> = Callback extends (first: infer First, ...rest: never[]) => unknown ? First : never;

declare const drizzle: NodePgDatabase;
declare const drizzleOnPostgresJs: PostgresJsDatabase;
declare const knex: Knex;
declare const kysely: Kysely<{ effects: { delivery: string } }>;
declare const sql: Sql;
declare const sequelize: Sequelize;
declare const dataSource: DataSource;
declare const entityManager: SqlEntityManager;
declare const postgresEntityManager: MikroEntityManager;
declare const prisma: PrismaClient;

it("lends the transaction of each library as its own type", () => {
  const onPg = fromDrizzle(drizzle, drizzleSql);
  expectTypeOf<TxOf<typeof onPg>>().toEqualTypeOf<FirstOf<Parameters<typeof drizzle.transaction>[0]>>();
  const onPostgresJs = fromDrizzle(drizzleOnPostgresJs, drizzleSql);
  expectTypeOf<TxOf<typeof onPostgresJs>>().toEqualTypeOf<
    FirstOf<Parameters<typeof drizzleOnPostgresJs.transaction>[0]>
  >();
  expectTypeOf(fromKnex(knex)).toEqualTypeOf<SqlExecutor<Knex.Transaction>>();
  expectTypeOf(fromKysely(kysely)).toEqualTypeOf<
    SqlExecutor<KyselyTransaction<{ effects: { delivery: string } }>>
  >();
  expectTypeOf(fromPostgresJs(sql)).toEqualTypeOf<SqlExecutor<TransactionSql>>();
  expectTypeOf(fromSequelize(sequelize)).toEqualTypeOf<SqlExecutor<SequelizeTransaction>>();
  expectTypeOf(fromTypeOrm(dataSource)).toEqualTypeOf<SqlExecutor<EntityManager>>();
  expectTypeOf(fromMikroOrm(entityManager)).toEqualTypeOf<SqlExecutor<SqlEntityManager>>();
  expectTypeOf(fromMikroOrm(postgresEntityManager)).toEqualTypeOf<SqlExecutor<MikroEntityManager>>();
  expectTypeOf<TxOf<ReturnType<typeof openPrisma>>>().toEqualTypeOf<
    Omit<PrismaClient, "$disconnect" | "$connect" | "$on" | "$use" | "$extends">
  >();
});

const openPrisma = () => fromPrisma(prisma);

it("takes a transaction where it takes the database, to join one that is open", () => {
  void kysely.transaction().execute(async (tx) => fromKysely(tx).query("SELECT 1", []));
  void drizzle.transaction(async (tx) => fromDrizzle(tx, drizzleSql).query("SELECT 1", []));
  void knex.transaction(async (tx) => fromKnex(tx).query("SELECT 1", []));
  void dataSource.transaction(async (tx) => fromTypeOrm(tx).query("SELECT 1", []));
});

it("passes the transaction to the handlers of a store and of an inbox in transaction mode", () => {
  const executor = fromTypeOrm(dataSource);
  const store = postgresStore(executor, { mode: "transaction" });
  expectTypeOf(store).toEqualTypeOf<PostgresTransactionalStore<{ readonly tx: EntityManager }>>();
  createReceiver({
    secret: "aha-whsec-Zk4vT9wQ2mX7bN1sL6pR3yC8dF5gH0jA",
    store,
    on: {
      "message.bounced": (event, { tx }) => {
        expectTypeOf(tx).toEqualTypeOf<EntityManager>();
        expectTypeOf(event.data.recipient).toBeString();
      },
      // @ts-expect-error an executor lends no client
      "*": (_event, { client }) => client,
    },
  });
  const inbox = postgresInbox(executor);
  expectTypeOf(inbox).toEqualTypeOf<PostgresInbox<{ readonly tx: EntityManager }>>();
  createWorker({
    store: inbox,
    on: { "*": (_event, { tx }) => expectTypeOf(tx).toEqualTypeOf<EntityManager>() },
  });
});

it("passes no transaction in lease mode", () => {
  expectTypeOf(postgresStore(fromKnex(knex))).toEqualTypeOf<PostgresLeaseStore>();
  expectTypeOf(postgresInbox(fromKnex(knex), { mode: "lease" })).toEqualTypeOf<PostgresInbox>();
});

it("refuses an object of a library in place of its executor", () => {
  // @ts-expect-error pass fromTypeOrm(dataSource)
  postgresStore(dataSource, { mode: "transaction" });
  // @ts-expect-error pass fromSequelize(sequelize)
  postgresStore(sequelize, { mode: "transaction" });
  // @ts-expect-error pass fromKysely(kysely)
  postgresStore(kysely);
});
