import type { TestServer } from "@ahasend-webhooks/harness";
import mysql from "mysql2/promise";
import { onTestFinished } from "vitest";

/** Opens a pool that ends with the test. */
export function openPool({ url }: Pick<TestServer, "url">, options: mysql.PoolOptions = {}): mysql.Pool {
  const pool = mysql.createPool({ uri: url, ...options });
  onTestFinished(() => pool.end());
  return pool;
}

let tables = 0;

/** Returns the name of a table that no other test of this run uses, with parts that look like parameters. */
export const newTable = () => `test ? :n \`${process.pid}\` ${(tables += 1)}`;
