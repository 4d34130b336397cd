import { randomUUID } from "node:crypto";

import { type TestServer, createDatabase } from "@ahasend-webhooks/harness";
import pg from "pg";
import { inject, onTestFinished } from "vitest";

/** A server that a test uses, but neither stops nor restarts. */
export type SharedServer = Pick<TestServer, "port" | "url">;

/** Returns the PostgreSQL that all files of tests share. A test that stops a server starts its own. */
export function getSharedServer(): SharedServer {
  const server = inject("postgres");
  if (server === undefined) throw new Error("PostgreSQL is not installed: install it.");
  return server;
}

/** Creates a database of its own for a file of tests, on the shared server. */
export async function createOwnDatabase(): Promise<SharedServer> {
  const server = getSharedServer();
  return { ...server, url: await createDatabase(server, randomUUID()) };
}

/** Opens a pool that ends with the test, with few connections: each is a process of the server. */
export function openPool({ url }: Pick<TestServer, "url">, options: pg.PoolConfig = {}): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max: 4, ...options });
  onTestFinished(() => pool.end());
  return pool;
}

let schemas = 0;

/** Returns the name of a schema that no other test of this run uses, with characters that mean something to libraries. */
export const newSchema = () => `test "${process.pid}" ${(schemas += 1)} ?$1`;
