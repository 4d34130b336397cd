import type { TestServer } from "@ahasend-webhooks/harness";
import pg from "pg";
import { onTestFinished } from "vitest";

/** Opens a pool that ends with the test. */
export function openPool({ url }: Pick<TestServer, "url">, options: pg.PoolConfig = {}): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, ...options });
  onTestFinished(() => pool.end());
  return pool;
}

let schemas = 0;

/** Returns the name of a schema that no other test of this run uses, with characters that mean something to libraries. */
export const newSchema = () => `test "${process.pid}" ${(schemas += 1)} ?$1`;
