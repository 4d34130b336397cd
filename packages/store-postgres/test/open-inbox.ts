import type { InboxUnderTest } from "@ahasend-webhooks/testing";
import type pg from "pg";
import { onTestFinished } from "vitest";

import {
  type PostgresInbox,
  type PostgresInboxOptions,
  type SqlExecutor,
  postgresInbox,
} from "../src/index.js";
import { newSchema } from "./database.js";

const LEASE_SECONDS = 30;

/** Opens an inbox that closes with the test. */
export async function openInbox(
  pool: pg.Pool,
  options: PostgresInboxOptions,
): Promise<PostgresInbox<{ client: pg.PoolClient }>> {
  // In lease mode the context has no client, and no test uses it.
  const inbox = postgresInbox(pool, { ...options, mode: options.mode as "transaction" });
  onTestFinished(() => inbox.close());
  await inbox.migrate();
  return inbox;
}

/** Returns an empty inbox for the contract cases, with a clock of its own. */
export function createSubject(
  connection: pg.Pool | SqlExecutor<unknown>,
  mode: "transaction" | "lease",
): InboxUnderTest {
  const schema = newSchema();
  let time = 1_784_041_401_000;
  return {
    open: (options) =>
      openInbox(connection as pg.Pool, {
        ...options,
        mode,
        schema,
        leaseSeconds: LEASE_SECONDS,
        pollIntervalSeconds: 0.05,
        now: () => time,
      }),
    expireLeases: () => void (time += LEASE_SECONDS * 1000 + 1),
  };
}
