import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";

import { generatePrismaClient } from "@ahasend-webhooks/harness/prisma";
import { EntitySchema as MikroEntitySchema, MikroORM } from "@mikro-orm/postgresql";
import { PrismaPg } from "@prisma/adapter-pg";
import { DataTypes, Sequelize } from "sequelize";
import { DataSource, EntitySchema } from "typeorm";

import { fromMikroOrm, fromPrisma, fromSequelize, fromTypeOrm } from "../../src/index.js";
import { type ExecutorUnderTest, MAX_CONNECTIONS, toExecutorUnderTest } from "./executor-under-test.js";
import type { PrismaClientLike } from "@ahasend-webhooks/harness/prisma-client";

interface Effect {
  id: number;
  delivery: string;
}

/** The table `effects` for TypeORM. */
export const effectSchema = new EntitySchema<Effect>({
  name: "effects",
  columns: { id: { type: Number, primary: true, generated: true }, delivery: { type: "text" } },
});

export async function openTypeOrm(url: string): Promise<ExecutorUnderTest> {
  const dataSource = new DataSource({
    type: "postgres",
    url,
    entities: [effectSchema],
    logging: false,
    poolSize: MAX_CONNECTIONS,
  });
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
  await generatePrismaClient(join(folder, "client"), model);
  const { PrismaClient } = (await import(join(folder, "client", "client.ts"))) as {
    PrismaClient: PrismaClientLike<PrismaPg>;
  };
  await rm(folder, { recursive: true });
  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: url, max: MAX_CONNECTIONS }) });
  return toExecutorUnderTest(fromPrisma(prisma), {
    write: (tx, delivery) => tx.effect.create({ data: { delivery } }),
    run: (tx, sql) => tx.$executeRawUnsafe(sql),
    close: () => prisma.$disconnect(),
  });
}

export function openSequelize(url: string): ExecutorUnderTest {
  const sequelize = new Sequelize(url, { logging: false, pool: { max: MAX_CONNECTIONS } });
  const Effects = sequelize.define("effects", { delivery: DataTypes.TEXT }, { timestamps: false });
  return toExecutorUnderTest(fromSequelize(sequelize), {
    write: (transaction, delivery) => Effects.create({ delivery }, { transaction }),
    run: (transaction, sql) => sequelize.query(sql, { transaction }),
    close: () => sequelize.close(),
  });
}

export async function openMikroOrm(url: string): Promise<ExecutorUnderTest> {
  const effect = new MikroEntitySchema<Effect>({
    name: "Effect",
    tableName: "effects",
    properties: { id: { type: "integer", primary: true, autoincrement: true }, delivery: { type: "text" } },
  });
  const orm = await MikroORM.init({
    clientUrl: url,
    entities: [effect],
    debug: false,
    pool: { max: MAX_CONNECTIONS },
  });
  return toExecutorUnderTest(fromMikroOrm(orm.em), {
    // It is written when the transaction is flushed.
    write: async (em, delivery) => em.persist(em.create<Effect>("Effect", { delivery } as Effect)),
    run: async (em, sql) => {
      await em.flush();
      return em.execute(sql);
    },
    close: () => orm.close(),
  });
}
