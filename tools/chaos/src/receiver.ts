/**
 * The test receiver, as its own process: one slow handler that writes to the ledger and, on request, a planted bug. The
 * ledger is where the example apps keep their entries.
 */
import { once } from "node:events";
import { appendFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import {
  type Handlers,
  type IdempotencyStore,
  type Inbox,
  type Store,
  createReceiver,
} from "@ahasend-webhooks/core";
import { nodeHandler } from "@ahasend-webhooks/core/node";
import { postgresInbox, postgresStore } from "@ahasend-webhooks/store-postgres";
import { redisStore } from "@ahasend-webhooks/store-redis";
import { sqliteInbox } from "@ahasend-webhooks/store-sqlite";
import { Redis } from "ioredis";
import Database from "libsql";
import { Pool, type PoolClient } from "pg";

import { journalPath, tableSql } from "./ledger.js";
import { type PlantedBug, plantInInbox, plantInReceiver, plantInStore } from "./planted.js";
import { type Setup, readSetup } from "./setup.js";

interface Storage {
  store: Store<{ client?: PoolClient }>;
  /** Writes an effect to the ledger. */
  write(deliveryId: string, client?: PoolClient): Promise<unknown>;
  close(): unknown;
}

const setup = readSetup(process.env);
const storage = await openStorage(setup);
const on: Handlers<{ client?: PoolClient }> = {
  "*": async (_event, { deliveryId, client }) => {
    await sleep(setup.handlerMs * (setup.steady ? 1 : Math.random()));
    await storage.write(deliveryId, client);
  },
};
const receiver = createReceiver({
  secret: setup.secret,
  store: storage.store,
  deadlineSeconds: setup.deadlineSeconds,
  inFlightWaitSeconds: setup.inFlightWaitSeconds,
  on,
  onOutcome: () => undefined,
});

const server = createServer(nodeHandler(plantInReceiver(receiver, setup.bug))).listen(0, "127.0.0.1");
await once(server, "listening");
process.once("SIGTERM", () => void shutDown());
log({ msg: "listening", port: (server.address() as AddressInfo).port });

async function shutDown(): Promise<void> {
  const closed = once(server, "close");
  server.close();
  await receiver.close();
  server.closeAllConnections();
  await closed;
  await storage.close();
}

async function openStorage({ databaseUrl, redisUrl }: Setup): Promise<Storage> {
  if (databaseUrl !== undefined) return onPostgres(databaseUrl, setup);
  return redisUrl === undefined ? onSqlite(setup) : onRedis(redisUrl, setup);
}

async function onPostgres(databaseUrl: string, { mode, hasInbox, bug }: Setup): Promise<Storage> {
  const pool = new Pool({ connectionString: databaseUrl, max: 20, connectionTimeoutMillis: 2000 });
  const onWarning = (message: string) => log({ msg: message });
  const store = await openStore();
  await pool.query(tableSql);
  return {
    store,
    write: (deliveryId, client) =>
      (client ?? pool).query("INSERT INTO desk_entries (entry) VALUES ($1)", [
        JSON.stringify({ deliveryId }),
      ]),
    close: () => pool.end(),
  };

  async function openStore(): Promise<Store<{ client?: PoolClient }>> {
    if (!hasInbox) {
      const store =
        mode === "lease" ? postgresStore(pool, { onWarning }) : postgresStore(pool, { mode, onWarning });
      await store.migrate();
      return store;
    }
    const options = { backoffSeconds: () => 0.1, leaseSeconds: 3, onWarning };
    if (mode === "transaction") {
      const inbox = postgresInbox(pool, options);
      await inbox.migrate();
      return plantInInbox<{ client?: PoolClient }>(inbox, bug);
    }
    const inbox = postgresInbox(pool, { ...options, mode });
    await inbox.migrate();
    return plantInInbox(inbox as Inbox<object>, bug);
  }
}

async function onRedis(redisUrl: string, { dataDir, bug, deadlineSeconds }: Setup): Promise<Storage> {
  const redis = new Redis(redisUrl, {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
  });
  redis.on("error", (error: Error) => log({ msg: error.message }));
  await redis.connect();
  const keyPrefix = "chaos:";
  return {
    store: withBug(redisStore(redis, { keyPrefix }), bug),
    write: (deliveryId) => writeToJournal(dataDir, deliveryId),
    close: () => redis.disconnect(),
  };

  function withBug(store: IdempotencyStore, planted: PlantedBug | undefined): IdempotencyStore {
    const forget = (key: string) => redis.del(keyPrefix + key);
    return plantInStore(store, planted, { forget, deadlineMs: deadlineSeconds * 1000 });
  }
}

function onSqlite({ dataDir }: Setup): Storage {
  const db = new Database(join(dataDir, "chaos.db"));
  const onWarning = (message: string) => log({ msg: message });
  return {
    store: sqliteInbox(db, { concurrency: 64, onWarning }),
    write: (deliveryId) => writeToJournal(dataDir, deliveryId),
    close: () => db.close(),
  };
}

function writeToJournal(dataDir: string, deliveryId: string): Promise<void> {
  return appendFile(journalPath(dataDir), `\n${JSON.stringify({ deliveryId })}\n`, { flush: true });
}

function log(line: { msg: string } & Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
