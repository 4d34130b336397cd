import { MikroORM } from "@mikro-orm/postgresql";
import { drizzle } from "drizzle-orm/node-postgres";
import knex from "knex";
import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import postgres from "postgres";
import { Sequelize } from "sequelize";
import { DataSource } from "typeorm";
import { describe, expect, it } from "vitest";

import { type SqlExecutor, postgresInbox, postgresStore } from "../../src/index.js";

const url = "postgres://user:password@localhost/db";
const pool = new pg.Pool({ connectionString: url });

const libraries: [name: string, createValue: () => unknown, fix: string][] = [
  ["Drizzle", () => drizzle(pool), "a database of Drizzle: pass fromDrizzle(db, sql)"],
  ["Knex", () => knex({ client: "pg", connection: url }), "an instance of Knex: pass fromKnex(knex)"],
  [
    "Kysely",
    () => new Kysely({ dialect: new PostgresDialect({ pool }) }),
    "a database of Kysely: pass fromKysely(db)",
  ],
  ["postgres.js", () => postgres(url), "the sql of postgres.js: pass fromPostgresJs(sql)"],
  ["Prisma", () => ({ $queryRawUnsafe() {} }), "a client of Prisma: pass fromPrisma(prisma)"],
  [
    "Sequelize",
    () => new Sequelize(url, { logging: false }),
    "an instance of Sequelize: pass fromSequelize(sequelize)",
  ],
  [
    "TypeORM",
    () => new DataSource({ type: "postgres", url }),
    "a DataSource of TypeORM: pass fromTypeOrm(dataSource)",
  ],
];

describe("an object of a library in place of its executor", () => {
  it.each(libraries)("is refused with the function that creates one: %s", (_name, createValue, fix) => {
    const value = createValue() as SqlExecutor<unknown>;
    expect(() => postgresStore(value)).toThrow(`or an executor, but got ${fix}.`);
    expect(() => postgresInbox(value)).toThrow(
      `postgresInbox needs a pool of pg (new Pool()) or an executor`,
    );
  });

  it("is refused with the function that creates one: MikroORM", async () => {
    const orm = await MikroORM.init({
      clientUrl: url,
      connect: false,
      discovery: { warnWhenNoEntities: false },
    });
    const values: [value: unknown, argument: string][] = [
      [orm, "orm.em"],
      [orm.em, "em"],
    ];
    for (const [value, argument] of values) {
      expect(() => postgresStore(value as SqlExecutor<unknown>)).toThrow(`fromMikroOrm(${argument}).`);
    }
  });
});
