import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { MemoryStore, type Store, createReceiver } from "@ahasend-webhooks/core";
import {
  type TestServer,
  hasMysql,
  hasPgBouncer,
  hasPostgres,
  hasRedis,
  required,
  startMysql,
  startPgBouncer,
  startPostgres,
  startRedis,
  startRedisCluster,
} from "@ahasend-webhooks/harness";
import {
  type CopiesFault,
  type CopiesSubject,
  type DeliveryContext,
  copiesFaults,
  describeCopies,
} from "@ahasend-webhooks/harness/copies";
import { mysqlStore } from "@ahasend-webhooks/store-mysql";
import { postgresStore } from "@ahasend-webhooks/store-postgres";
import { redisStore } from "@ahasend-webhooks/store-redis";
import { sqliteStore } from "@ahasend-webhooks/store-sqlite";
import { createEvent, signDelivery } from "@ahasend-webhooks/testing";
import { Cluster, Redis } from "ioredis";
import Database from "libsql";
import mysql from "mysql2/promise";
import pg from "pg";
import { afterAll, describe, onTestFinished } from "vitest";

const secret = "aha-whsec-Zk4vT9wQ2mX7bN1sL6pR3yC8dF5gH0jA";
const options = { secret, inFlightWaitSeconds: 0, onOutcome: () => undefined };
const createDelivery = () => signDelivery({ secret, event: createEvent("message.opened") });

/** The faults that a subject can have. */
const ofOneProcess: readonly CopiesFault[] = ["none", "throwing handler"];
const ofLeases: readonly CopiesFault[] = [...ofOneProcess, "killed server"];

const servers: TestServer[] = [];
afterAll(async () => {
  for (const server of servers.toReversed()) await server.stop();
});

/** Starts a server at its first use. */
function once(start: () => Promise<TestServer>): () => Promise<TestServer> {
  let started: Promise<TestServer> | undefined;
  return () =>
    (started ??= start().then((server) => {
      servers.push(server);
      return server;
    }));
}

/** Handlers whose effects are not in a transaction with the receipt. */
function withLeases(stores: readonly Store[], server?: TestServer): CopiesSubject<DeliveryContext> {
  const effects = new Map<string, number>();
  return {
    openReceivers: (handle) =>
      stores.map((store) =>
        createReceiver({ ...options, store, on: { "*": (_event, context) => handle(context) } }),
      ),
    createDelivery,
    write: ({ deliveryId }) => effects.set(deliveryId, (effects.get(deliveryId) ?? 0) + 1),
    countEffects: async (deliveryId) => effects.get(deliveryId) ?? 0,
    crash: () => restart(server),
  };
}

async function restart(server: TestServer | undefined): Promise<void> {
  await server?.kill();
  await server?.start();
}

/** Repeats a query until the server is back. */
async function askUntilAnswered<Result>(ask: () => Promise<Result>): Promise<Result> {
  for (;;) {
    const result = await ask().catch(() => undefined);
    if (result !== undefined) return result;
  }
}

describeCopies("MemoryStore", ofOneProcess, async () => {
  const store = new MemoryStore();
  return withLeases([store, store]);
});

describeCopies("sqliteStore", ofOneProcess, async () => {
  const folder = await mkdtemp(join(tmpdir(), "ahasend-webhooks-copies-"));
  const db = new Database(join(folder, "copies.db"));
  const store = sqliteStore(db);
  onTestFinished(async () => {
    store.close();
    db.close();
    await rm(folder, { recursive: true });
  });
  return withLeases([store, store]);
});

describe.skipIf(!required("Redis", hasRedis()))("Redis", () => {
  const openAlone = ({ port }: TestServer) =>
    new Redis(port, "127.0.0.1", { enableOfflineQueue: false, maxRetriesPerRequest: 1 });
  const openCluster = ({ port }: TestServer) =>
    new Cluster([{ host: "127.0.0.1", port }], {
      enableOfflineQueue: false,
      redisOptions: { maxRetriesPerRequest: 1 },
    });

  for (const [suffix, start, connect] of [
    ["", once(() => startRedis()), openAlone],
    [", cluster", once(() => startRedisCluster()), openCluster],
  ] as const) {
    describeCopies(`redisStore${suffix}`, ofLeases, async () => {
      const server = await start();
      const stores = [1, 2].map(() => {
        const redis = connect(server);
        redis.on("error", () => undefined);
        onTestFinished(() => redis.disconnect());
        return { redis, store: redisStore(redis, { onWarning: () => undefined }) };
      });
      await Promise.all(stores.map(({ redis }) => new Promise((ready) => redis.once("ready", ready))));
      return withLeases(
        stores.map(({ store }) => store),
        server,
      );
    });
  }
});

describe.skipIf(!required("PostgreSQL", hasPostgres()) || !required("PgBouncer", hasPgBouncer()))(
  "PostgreSQL",
  () => {
    const start = once(() => startPostgres());
    const startBouncer = once(async () => startPgBouncer(await start()));
    let tables = 0;

    const openPool = (url: string): pg.Pool => {
      const pool = new pg.Pool({ connectionString: url, connectionTimeoutMillis: 2000 });
      pool.on("error", () => undefined);
      onTestFinished(() => pool.end());
      return pool;
    };

    for (const [suffix, open] of [
      ["", start],
      [", PgBouncer", startBouncer],
    ] as const) {
      describeCopies(`postgresStore, lease${suffix}`, ofLeases, async () => {
        const table = `leases_${(tables += 1)}`;
        const { url } = await open();
        const stores = [1, 2].map(() => postgresStore(openPool(url), { table, onWarning: () => undefined }));
        await stores[0]!.migrate();
        return withLeases(stores, await start());
      });

      describeCopies(`postgresStore, transaction${suffix}`, copiesFaults, async () => {
        const [table, effects] = [`receipts_${(tables += 1)}`, `effects_${tables}`];
        const { url } = await open();
        const storeOptions = { table, mode: "transaction", onWarning: () => undefined } as const;
        const stores = [1, 2].map(() => postgresStore(openPool(url), storeOptions));
        await stores[0]!.migrate();
        const pool = openPool((await start()).url);
        await pool.query(`CREATE TABLE ${effects} (delivery text); CREATE INDEX ON ${effects} (delivery)`);
        return {
          openReceivers: (handle) =>
            stores.map((store) =>
              createReceiver({ ...options, store, on: { "*": (_event, context) => handle(context) } }),
            ),
          createDelivery,
          write: ({ client, deliveryId }: DeliveryContext & { client: pg.PoolClient }) =>
            client.query(`INSERT INTO ${effects} VALUES ($1)`, [deliveryId]),
          fail: ({ client }) => client.query("SELECT 1 / 0"),
          async countEffects(id) {
            const sql = `SELECT 1 FROM ${effects} WHERE delivery = $1`;
            return (await askUntilAnswered(() => pool.query(sql, [id]))).rows.length;
          },
          crash: async () => restart(await start()),
        };
      });
    }
  },
);

describe.skipIf(!required("MariaDB", hasMysql()))("MySQL", () => {
  const start = once(() => startMysql());
  let tables = 0;

  const openPool = (uri: string): mysql.Pool => {
    const pool = mysql.createPool({ uri });
    onTestFinished(() => pool.end());
    return pool;
  };

  describeCopies("mysqlStore, lease", ofLeases, async () => {
    const table = `leases_${(tables += 1)}`;
    const server = await start();
    const stores = [1, 2].map(() => mysqlStore(openPool(server.url), { table, onWarning: () => undefined }));
    await stores[0]!.migrate();
    return withLeases(stores, server);
  });

  describeCopies("mysqlStore, transaction", copiesFaults, async () => {
    const [table, effects] = [`receipts_${(tables += 1)}`, `effects_${tables}`];
    const server = await start();
    const storeOptions = { table, mode: "transaction", onWarning: () => undefined } as const;
    const stores = [1, 2].map(() => mysqlStore(openPool(server.url), storeOptions));
    await stores[0]!.migrate();
    const pool = openPool(server.url);
    await pool.query(
      `CREATE TABLE ${effects} (id bigint AUTO_INCREMENT PRIMARY KEY, delivery varchar(100), INDEX (delivery))`,
    );
    return {
      openReceivers: (handle) =>
        stores.map((store) =>
          createReceiver({ ...options, store, on: { "*": (_event, context) => handle(context) } }),
        ),
      createDelivery,
      write: ({ client, deliveryId }: DeliveryContext & { client: mysql.PoolConnection }) =>
        client.query(`INSERT INTO ${effects} (delivery) VALUES (?)`, [deliveryId]),
      fail: ({ client }) => client.query("SELECT nothing"),
      async countEffects(id) {
        const sql = `SELECT 1 FROM ${effects} WHERE delivery = ?`;
        const [rows] = await askUntilAnswered(() => pool.query<mysql.RowDataPacket[]>(sql, [id]));
        return rows.length;
      },
      crash: () => restart(server),
    };
  });
});
