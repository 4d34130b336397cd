import { onTestFinished } from "vitest";

import { type PostgresLeaseStore, type SqlExecutor, postgresStore } from "../../src/index.js";
import { newSchema } from "../database.js";

/** Creates a store with a table of its own and a clock that the test advances. It closes with the test. */
export async function createStore(
  executor: SqlExecutor<unknown>,
): Promise<{ store: PostgresLeaseStore; advance: (ms: number) => void }> {
  let time = 1_784_041_401_000;
  const store = postgresStore(executor, {
    schema: newSchema(),
    now: () => time,
    retentionSeconds: 14 * 3600,
  });
  onTestFinished(() => store.close());
  // As two processes that start together do.
  await Promise.all([store.migrate(), store.migrate()]);
  return { store, advance: (ms) => void (time += ms) };
}
