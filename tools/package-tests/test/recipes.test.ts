import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join, relative } from "node:path";

import {
  type TestServer,
  createDatabase,
  hasPostgres,
  required,
  startPostgres,
} from "@ahasend-webhooks/harness";
import { root } from "@ahasend-webhooks/harness/workspace";
import { createEvent, signDelivery } from "@ahasend-webhooks/testing";
import { NestFactory } from "@nestjs/core";
import type { Express } from "express";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";

import { generateClientOfSnippets } from "./prisma.js";
import { snippetsOf } from "./snippets.js";

const secret = "aha-whsec-Zk4vT9wQ2mX7bN1sL6pR3yC8dF5gH0jA";
const address = "customer@example.com";

/** Each recipe, recognized by a word that only its snippet has. */
const recipes: [title: string, word: string][] = [
  ["Express with Drizzle", "drizzle(pool)"],
  ["NestJS with TypeORM", "TypeOrmModule"],
  ["NestJS with Prisma", "PrismaPg"],
];

// The snippets of the README themselves are run, on a real server and with real signatures.
describe.skipIf(!required("PostgreSQL", hasPostgres()))("the recipe for an ORM", () => {
  let server: TestServer;
  let folder: string;
  beforeAll(async () => {
    server = await startPostgres();
    folder = await mkdtemp(join(import.meta.dirname, "..", ".compile-"));
    await generateClientOfSnippets(folder);
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

  it.each(recipes)("keeps all effects of a delivery or none: %s", async (title, word) => {
    const name = title.toLowerCase().replaceAll(" ", "_");
    const databaseUrl = await createDatabase(server, name);
    const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 });
    onTestFinished(() => pool.end());
    await pool.query(`
      CREATE TABLE suppressions (address text PRIMARY KEY);
      CREATE TABLE customers (address text PRIMARY KEY, bounces integer NOT NULL CHECK (bounces < 5));
      INSERT INTO customers VALUES ('${address}', 4)`);
    const readRows = async (table: string) => (await pool.query<object>(`SELECT * FROM ${table}`)).rows;

    // The failed attempt is logged.
    vi.spyOn(console, "error").mockReturnValue();
    vi.stubEnv("DATABASE_URL", databaseUrl);
    vi.stubEnv("AHASEND_WEBHOOK_SECRET", secret);
    const [code = ""] = snippetsOf("packages/store-postgres/README.md").filter((one) => one.includes(word));
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
    await pool.query("UPDATE customers SET bounces = 0");
    expect(await deliver()).toBe(204);
    expect(await deliver()).toBe(204);
    expect(await readRows("suppressions")).toEqual([{ address }]);
    expect(await readRows("customers")).toEqual([{ address, bounces: 1 }]);
  });
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
