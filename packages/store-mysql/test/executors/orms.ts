import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";

import { generatePrismaClient } from "@ahasend-webhooks/harness/prisma";
import { PrismaMariaDb } from "@prisma/adapter-mariadb";
import { int, mysqlTable, varchar } from "drizzle-orm/mysql-core";
import { drizzle } from "drizzle-orm/mysql2";
import { CompiledQuery, Kysely, MysqlDialect } from "kysely";
import callbackMysql from "mysql2";
import mysql from "mysql2/promise";
import { DataSource, EntitySchema } from "typeorm";

import { fromDrizzle, fromKysely, fromPrisma, fromTypeOrm } from "../../src/index.js";
import { type ExecutorUnderTest, toExecutorUnderTest } from "./executor-under-test.js";
import type { PrismaClientLike } from "@ahasend-webhooks/harness/prisma-client";

const effects = mysqlTable("effects", {
  id: int().autoincrement().primaryKey(),
  delivery: varchar({ length: 300 }).notNull(),
});

export function openDrizzle(url: string): ExecutorUnderTest {
  const pool = mysql.createPool(url);
  return toExecutorUnderTest(fromDrizzle(drizzle({ client: pool })), {
    write: (tx, delivery) => tx.insert(effects).values({ delivery }),
    run: (tx, sql) => tx.execute(sql),
    close: () => pool.end(),
  });
}

export function openKysely(url: string): ExecutorUnderTest {
  const db = new Kysely<{ effects: { delivery: string } }>({
    dialect: new MysqlDialect({ pool: callbackMysql.createPool(url) }),
  });
  return toExecutorUnderTest(fromKysely(db), {
    write: (tx, delivery) => tx.insertInto("effects").values({ delivery }).execute(),
    run: (tx, sql) => tx.executeQuery(CompiledQuery.raw(sql)),
    close: () => db.destroy(),
  });
}

interface Effect {
  id: number;
  delivery: string;
}

const effectSchema = new EntitySchema<Effect>({
  name: "effects",
  columns: { id: { type: Number, primary: true, generated: true }, delivery: { type: String, length: 300 } },
});

export async function openTypeOrm(url: string): Promise<ExecutorUnderTest> {
  const dataSource = new DataSource({ type: "mysql", url, entities: [effectSchema], logging: false });
  await dataSource.initialize();
  return toExecutorUnderTest(fromTypeOrm(dataSource), {
    write: (manager, delivery) => manager.insert(effectSchema, { delivery }),
    run: (manager, sql) => manager.query(sql),
    close: () => dataSource.destroy(),
  });
}

export async function openPrisma(url: string): Promise<ExecutorUnderTest> {
  const folder = await mkdtemp(join(import.meta.dirname, ".prisma-"));
  const model =
    'model Effect {\n  id Int @id @default(autoincrement())\n  delivery String\n  @@map("effects")\n}\n';
  await generatePrismaClient(join(folder, "client"), model, "mysql");
  const { PrismaClient } = (await import(join(folder, "client", "client.ts"))) as {
    PrismaClient: PrismaClientLike<PrismaMariaDb>;
  };
  await rm(folder, { recursive: true });
  const prisma = new PrismaClient({ adapter: new PrismaMariaDb(url) });
  return toExecutorUnderTest(fromPrisma(prisma), {
    write: (tx, delivery) => tx.effect.create({ data: { delivery } }),
    run: (tx, sql) => tx.$executeRawUnsafe(sql),
    close: () => prisma.$disconnect(),
  });
}
