import type { Inbox } from "@ahasend-webhooks/core";
import { bullmqInbox } from "@ahasend-webhooks/inbox-bullmq";
import { Queue, createPostgresBackend } from "bullmq";
import pg from "pg";

import { appendEffect, effectsTableSql, insertEffect } from "../effects.js";
import { plantInInbox } from "./planted-inbox.js";
import { type Setup, log, toInboxOptions } from "../setup.js";
import type { Engine, Extras } from "./engine.js";

/** Opens it on Redis or on PostgreSQL, whichever the address is of. */
export async function openBullmqInbox(setup: Setup): Promise<Engine<Inbox<Extras>>> {
  const { url, dataDir, bug } = setup;
  const isOnPostgres = url.startsWith("postgres");
  const queue = isOnPostgres ? await openPostgresQueue(url) : openRedisQueue(url);
  queue.on("error", (error) => log({ msg: error.message }));
  const onWarning = (message: string) => log({ msg: message });
  const inbox = bullmqInbox(queue, {
    ...toInboxOptions(setup),
    lockSeconds: 3,
    stalledCheckSeconds: 1,
    onWarning,
  });
  await inbox.ready();
  const store = plantInInbox(inbox as Inbox<object>, bug);
  if (!isOnPostgres) {
    return { store, write: (effect) => appendEffect(dataDir, effect), close: () => queue.close() };
  }
  const pool = new pg.Pool({ connectionString: url, max: 5, connectionTimeoutMillis: 2000 });
  pool.on("error", (error) => log({ msg: error.message }));
  await pool.query(effectsTableSql);
  return {
    store,
    write: (effect) => insertEffect(pool, effect),
    close: async () => {
      await queue.close();
      await pool.end();
    },
  };
}

function openRedisQueue(url: string): Queue {
  const { hostname: host, port, pathname } = new URL(url);
  return new Queue("chaos", { connection: { host, port: Number(port), db: Number(pathname.slice(1)) } });
}

async function openPostgresQueue(connectionString: string) {
  const connection = { connectionString, migrate: true };
  const queue = new Queue("chaos", { connection }, createPostgresBackend);
  await queue.waitUntilReady();
  return queue;
}
