import type { Inbox } from "@ahasend-webhooks/core";

import type { EngineName, Setup } from "../setup.js";
import type { Engine, Extras } from "./engine.js";

/** Each in a module of its own: a process loads only the libraries that it uses, so it starts sooner after a kill. */
const open: Record<EngineName, (setup: Setup) => Promise<Engine>> = {
  redisStore: async (setup) => (await import("./redis-store.js")).openRedisStore(setup),
  postgresStore: async (setup) => (await import("./postgres.js")).openPostgresStore(setup),
  postgresInbox: async (setup) => (await import("./postgres.js")).openPostgresInbox(setup),
  mysqlStore: async (setup) => (await import("./mysql-store.js")).openMysqlStore(setup),
  sqliteInbox: async (setup) => (await import("./sqlite-inbox.js")).openSqliteInbox(setup),
  bullmqInbox: async (setup) => (await import("./bullmq-inbox.js")).openBullmqInbox(setup),
  pgBossInbox: async (setup) => (await import("./pg-boss-inbox.js")).openPgBossInbox(setup),
};

/** Opens the engine of a process. */
export const openEngine = (setup: Setup): Promise<Engine> => open[setup.engine](setup);

/** Opens the engine of a worker. @throws {Error} if it has no workers */
export async function openInbox(setup: Setup): Promise<Engine<Inbox<Extras>>> {
  const engine = await openEngine(setup);
  const { store } = engine;
  if (!("work" in store)) throw new Error(`${setup.engine} has no workers: use an inbox.`);
  return { ...engine, store };
}
