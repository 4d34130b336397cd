import { createReceiver } from "@ahasend-webhooks/core";
import type { MySql2Database } from "drizzle-orm/mysql2";
import type { Kysely, Transaction } from "kysely";
import type { DataSource, EntityManager } from "typeorm";
import { expectTypeOf, it } from "vitest";

import {
  type MysqlLeaseStore,
  type MysqlTransactionalStore,
  type SqlExecutor,
  fromDrizzle,
  fromKysely,
  fromPrisma,
  fromTypeOrm,
  mysqlStore,
} from "../../src/index.js";
import type { PrismaClient } from "@ahasend-webhooks/harness/prisma-client";

type TxOf<Executor> = Executor extends SqlExecutor<infer Tx> ? Tx : never;
type FirstOf<Callback> = Callback extends (first: infer First, ...rest: never[]) => unknown ? First : never;

declare const drizzle: MySql2Database;
declare const kysely: Kysely<{ effects: { delivery: string } }>;
declare const dataSource: DataSource;
declare const prisma: PrismaClient;

const openDrizzle = () => fromDrizzle(drizzle);
const openPrisma = () => fromPrisma(prisma);

it("lends the transaction of each library as its own type", () => {
  expectTypeOf<TxOf<ReturnType<typeof openDrizzle>>>().toEqualTypeOf<
    FirstOf<Parameters<typeof drizzle.transaction>[0]>
  >();
  expectTypeOf(fromKysely(kysely)).toEqualTypeOf<
    SqlExecutor<Transaction<{ effects: { delivery: string } }>>
  >();
  expectTypeOf<TxOf<ReturnType<typeof openPrisma>>>().toEqualTypeOf<
    Omit<PrismaClient, "$disconnect" | "$connect" | "$on" | "$use" | "$extends">
  >();
  expectTypeOf(fromTypeOrm(dataSource)).toEqualTypeOf<SqlExecutor<EntityManager>>();
});

it("takes a transaction where it takes the database, to join one that is open", () => {
  void drizzle.transaction(async (tx) => fromDrizzle(tx).query("SELECT 1"));
  void kysely.transaction().execute(async (tx) => fromKysely(tx).query("SELECT 1"));
  void dataSource.transaction(async (tx) => fromTypeOrm(tx).query("SELECT 1"));
});

it("passes the transaction to handlers in transaction mode only", () => {
  const executor = fromTypeOrm(dataSource);
  const store = mysqlStore(executor, { mode: "transaction" });
  expectTypeOf(store).toEqualTypeOf<MysqlTransactionalStore<{ readonly tx: EntityManager }>>();
  expectTypeOf(mysqlStore(executor)).toEqualTypeOf<MysqlLeaseStore>();
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
});

it("refuses an object of a library in place of its executor", () => {
  // @ts-expect-error pass fromTypeOrm(dataSource)
  mysqlStore(dataSource, { mode: "transaction" });
  // @ts-expect-error pass fromTypeOrm(manager)
  mysqlStore(dataSource.manager);
  // @ts-expect-error pass fromDrizzle(db)
  mysqlStore(drizzle, { mode: "transaction" });
  // @ts-expect-error pass fromKysely(db)
  mysqlStore(kysely);
});
