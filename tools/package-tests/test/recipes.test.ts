import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join, relative } from "node:path";

import {
  type TestServer,
  createDatabase,
  createMysqlDatabase,
  hasMysql,
  hasPostgres,
  required,
  startMysql,
  startPostgres,
} from "@ahasend-webhooks/harness";
import { root } from "@ahasend-webhooks/harness/workspace";
import { createEvent, signDelivery } from "@ahasend-webhooks/testing";
import { NestFactory } from "@nestjs/core";
import type { Express } from "express";
import mysql from "mysql2/promise";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";

import { generateClientOfSnippets } from "./prisma.js";
import { snippetsOf } from "./snippets.js";

const secret = "aha-whsec-Zk4vT9wQ2mX7bN1sL6pR3yC8dF5gH0jA";
const address = "customer@example.com";

interface Engine {
  isInstalled: boolean;
  startServer: () => Promise<TestServer>;
  createDatabase: (server: TestServer, name: string) => Promise<string>;
  /** Opens one connection. */
  open: (url: string) => { query: (sql: string) => Promise<unknown[]>; close: () => Promise<void> };
  provider: "mysql" | "postgresql";
  readme: string;
  /** The variable of the environment from which the snippets read the URL. */
  variable: string;
  /** Each recipe, recognized by a word that only its snippet has. */
  recipes: [title: string, word: string][];
}

const engines: Record<string, Engine> = {
  PostgreSQL: {
    isInstalled: hasPostgres(),
    startServer: startPostgres,
    createDatabase,
    open(url) {
      const pool = new pg.Pool({ connectionString: url, max: 1 });
      return { query: async (sql) => (await pool.query<object>(sql)).rows, close: () => pool.end() };
    },
    provider: "postgresql",
    readme: "packages/store-postgres/README.md",
    variable: "DATABASE_URL",
    recipes: [
      ["Express with Drizzle", "drizzle(pool)"],
      ["NestJS with TypeORM", "TypeOrmModule"],
      ["NestJS with Prisma", "PrismaPg"],
    ],
  },
  MariaDB: {
    isInstalled: hasMysql(),
    startServer: startMysql,
    createDatabase: createMysqlDatabase,
    open(url) {
      const pool = mysql.createPool({ uri: url, connectionLimit: 1 });
      return { query: async (sql) => (await pool.query(sql))[0] as unknown[], close: () => pool.end() };
    },
    provider: "mysql",
    readme: "packages/store-mysql/README.md",
    variable: "MYSQL_URL",
    recipes: [
      ["Express with Drizzle", "drizzle({ client"],
      ["Express with Kysely", "new Kysely"],
      ["NestJS with TypeORM", "TypeOrmModule"],
      ["NestJS with Prisma", "PrismaMariaDb"],
    ],
  },
};

// The snippets of the READMEs themselves are run, on a real server and with real signatures.
describe.each(Object.entries(engines))("the recipe for an ORM on %s", (engineName, engine) => {
  describe.skipIf(!required(engineName, engine.isInstalled))(
    "keeps all effects of a delivery or none",
    () => {
      let server: TestServer;
      let folder: string;
      beforeAll(async () => {
        server = await engine.startServer();
        folder = await mkdtemp(join(import.meta.dirname, "..", ".compile-"));
        await generateClientOfSnippets(folder, engine.provider);
        const base = relative(folder, join(root, "tsconfig.base.json"));
        const config = { extends: base, compilerOptions: { experimentalDecorators: true } };
        await writeFile(join(folder, "tsconfig.json"), JSON.stringify(config));
      });
      afterAll(async () => {
        vi.unstubAllEnvs();
        vi.restoreAllMocks();
        await rm(folder, { recursive: true });
        await server.stop();
      });

      it.each(engine.recipes)("%s", async (title, word) => {
        const name = title.toLowerCase().replaceAll(" ", "_");
        const databaseUrl = await engine.createDatabase(server, name);
        const database = engine.open(databaseUrl);
        onTestFinished(database.close);
        const bounces = "bounces integer NOT NULL CHECK (bounces < 5)";
        await database.query("CREATE TABLE suppressions (address varchar(300) PRIMARY KEY)");
        await database.query(`CREATE TABLE customers (address varchar(300) PRIMARY KEY, ${bounces})`);
        await database.query(`INSERT INTO customers VALUES ('${address}', 4)`);
        const readRows = (table: string) => database.query(`SELECT * FROM ${table}`);

        // The failed attempt is logged.
        vi.spyOn(console, "error").mockReturnValue();
        vi.stubEnv(engine.variable, databaseUrl);
        vi.stubEnv("AHASEND_WEBHOOK_SECRET", secret);
        const [code = ""] = snippetsOf(engine.readme).filter((one) => one.includes(word));
        await writeFile(join(folder, `${name}.ts`), code);
        const url = await start((await import(join(folder, `${name}.ts`))) as Recipe);
        await vi.waitFor(() => readRows("ahasend_deliveries"), 10_000);

        const event = createEvent("message.bounced", { data: { recipient: address } });
        const { headers, body } = signDelivery({ secret, event });
        const deliver = async () => (await fetch(url, { method: "POST", headers, body })).status;
        // The second write of the handler breaks the constraint.
        expect(await deliver()).toBe(500);
        expect(await readRows("suppressions")).toEqual([]);
        expect(await readRows("ahasend_deliveries")).toEqual([]);
        await database.query("UPDATE customers SET bounces = 0");
        expect(await deliver()).toBe(204);
        expect(await deliver()).toBe(204);
        expect(await readRows("suppressions")).toEqual([{ address }]);
        expect(await readRows("customers")).toEqual([{ address, bounces: 1 }]);
      });
    },
  );
});

type Recipe = { app: Express } | { AppModule: object };

/** Starts the application of a recipe for the time of a test. @returns the URL of its endpoint */
async function start(recipe: Recipe): Promise<string> {
  let server: Server;
  if ("app" in recipe) {
    const listening = (server = createServer(recipe.app));
    await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void listening.close());
  } else {
    const app = await NestFactory.create(recipe.AppModule, { logger: false });
    await app.listen(0, "127.0.0.1");
    onTestFinished(() => app.close());
    server = app.getHttpServer() as Server;
  }
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/ahasend`;
}
