import { randomUUID } from "node:crypto";

import { createReceiver } from "@ahasend-webhooks/core";
import {
  type TestServer,
  hasRedis,
  required,
  startRedis,
  startRedisCluster,
} from "@ahasend-webhooks/harness";
import { createEvent, signDelivery, storeCases, storeClockCases } from "@ahasend-webhooks/testing";
import { storeModel } from "@ahasend-webhooks/testing/store-model";
import fc from "fast-check";
import { Cluster, Redis } from "ioredis";
import { createClient, createCluster } from "redis";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";

import { type RedisLike, redisStore } from "../src/index.js";

const secret = "aha-whsec-Zk4vT9wQ2mX7bN1sL6pR3yC8dF5gH0jA";

describe.skipIf(!required("Redis", hasRedis()))("redisStore", () => {
  let server: TestServer;
  let cluster: TestServer;
  const clients: Record<string, RedisLike> = {};
  const endings: (() => unknown)[] = [];

  beforeAll(async () => {
    [server, cluster] = await Promise.all([startRedis(), startRedisCluster()]);
    const ioredis = new Redis(server.port);
    const ioredisCluster = new Cluster([{ host: "127.0.0.1", port: cluster.port }]);
    const nodeRedis = await createClient({ url: `redis://127.0.0.1:${server.port}` }).connect();
    const nodeRedisCluster = createCluster({ rootNodes: [{ url: `redis://127.0.0.1:${cluster.port}` }] });
    await nodeRedisCluster.connect();
    Object.assign(clients, { ioredis, "node-redis": nodeRedis });
    Object.assign(clients, { "ioredis cluster": ioredisCluster, "node-redis cluster": nodeRedisCluster });
    endings.push(
      () => ioredis.disconnect(),
      () => ioredisCluster.disconnect(),
    );
    endings.push(
      () => nodeRedis.destroy(),
      () => nodeRedisCluster.destroy(),
    );
  }, 30_000);

  afterAll(async () => {
    for (const end of endings) end();
    await Promise.all([server.stop(), cluster.stop()]);
  });

  describe.each(["ioredis", "node-redis", "ioredis cluster", "node-redis cluster"])("on %s", (name) => {
    it.each(storeCases)("$name", async ({ run }) => {
      let time = 1_784_041_401_000;
      const store = redisStore(clients[name]!, { keyPrefix: `${randomUUID()}:`, now: () => time });
      await run({ store, advance: (ms) => void (time += ms) });
    });

    it("agrees with the model for any sequence of steps", async () => {
      const open = () => {
        let time = 1_784_041_401_000;
        const options = { keyPrefix: `${randomUUID()}:`, retentionSeconds: 14 * 3600, now: () => time };
        return { store: redisStore(clients[name]!, options), advance: (ms: number) => void (time += ms) };
      };
      await fc.assert(storeModel(open, { forgets: false }), { numRuns: 200 });
    });

    it("sends its scripts again after the server has lost them", async () => {
      const store = redisStore(clients[name]!, { keyPrefix: `${randomUUID()}:` });
      await store.claim("a", "one", 60_000);
      expect(await store.claim("a", "two", 60_000)).toMatchObject({ state: "busy" });
      const admin = new Redis(name.endsWith("cluster") ? cluster.port : server.port);
      await admin.script("FLUSH");
      admin.disconnect();
      await store.release("a", "one");
      expect(await store.claim("a", "two", 60_000)).toEqual({ state: "claimed", attempt: 2 });
    });
  });

  it.each(storeClockCases)("$name", ({ run }) =>
    run({ store: redisStore(clients["ioredis"]!, { keyPrefix: `${randomUUID()}:` }) }),
  );

  it("lets Redis expire deliveries that need not be remembered", async () => {
    const keyPrefix = `${randomUUID()}:`;
    const store = redisStore(clients["ioredis"]!, { keyPrefix, retentionSeconds: 14 * 3600 });
    const redis = clients["ioredis"] as Redis;
    await store.claim("a", "one", 1000);
    expect(await redis.pttl(`${keyPrefix}a`)).toBeGreaterThan(13 * 3_600_000);
    await store.commit("a", "one", 50);
    expect(await redis.pttl(`${keyPrefix}a`)).toBeLessThanOrEqual(50);
    await vi.waitFor(async () => expect(await redis.exists(`${keyPrefix}a`)).toBe(0), 10_000);
  });

  it("handles each delivery once across several processes", async () => {
    const keyPrefix = `${randomUUID()}:`;
    const handler = vi.fn();
    const receivers = ["ioredis", "node-redis", "ioredis"].map((name) =>
      createReceiver({ secret, on: { "*": handler }, store: redisStore(clients[name]!, { keyPrefix }) }),
    );
    const deliveries = Array.from({ length: 100 }, () =>
      signDelivery({ secret, event: createEvent("message.opened") }),
    );
    const replies = await Promise.all(
      deliveries.flatMap((delivery) => receivers.map((receiver) => receiver.receive(delivery))),
    );
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([204]));
    expect(handler).toHaveBeenCalledTimes(100);
  });

  it("refuses deliveries with 503 while the server is down, and accepts them afterwards", async () => {
    const own = await startRedis();
    onTestFinished(() => own.stop());
    const client = new Redis(own.port, {
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      retryStrategy: () => 20,
    });
    client.on("error", () => undefined);
    onTestFinished(() => client.disconnect());
    await vi.waitFor(() => expect(client.status).toBe("ready"), 10_000);
    const handler = vi.fn();
    const receiver = createReceiver({
      secret,
      on: { "*": handler },
      store: redisStore(client),
      onOutcome: () => undefined,
    });
    const delivery = signDelivery({ secret, event: createEvent("message.opened") });
    await own.kill();
    await vi.waitFor(
      async () =>
        expect(await receiver.receive(delivery)).toMatchObject({
          status: 503,
          body: '{"code":"store_unavailable"}',
        }),
      10_000,
    );
    expect(handler).not.toHaveBeenCalled();
    await own.start();
    await vi.waitFor(async () => expect((await receiver.receive(delivery)).status).toBe(204), 10_000);
    expect(handler).toHaveBeenCalledTimes(1);
  });

  it.each([
    [
      "allkeys-lru",
      [expect.stringMatching(/maxmemory-policy allkeys-lru.*: set maxmemory-policy to noeviction\.$/)],
    ],
    ["noeviction", []],
  ])("warns only if the server may evict keys: %s", async (policy, warnings) => {
    const own = await startRedis(["--maxmemory-policy", policy]);
    // As in the README: still connecting when the store is created, and rejecting commands until then.
    const client = new Redis(own.port, { enableOfflineQueue: false });
    const onWarning = vi.fn();
    const store = redisStore(client, { onWarning });
    await vi.waitFor(() => store.claim("a", "one", 1000), 10_000);
    // Redis replies in the order of the commands.
    await client.ping();
    client.disconnect();
    await own.stop();
    expect(onWarning.mock.calls.flat()).toEqual(warnings);
  });
});

describe("redisStore with wrong options", () => {
  const none = () => Promise.resolve();
  const client = { evalsha: none, eval: none, set: none };
  it.each([
    [{ prefix: "mine:" }, /^prefix is not an option: the options are keyPrefix, /],
    [{ onWarning: "console" }, /^onWarning must be a function/],
  ])("refuses %o", (options, message) => {
    expect(() => redisStore(client, options as object)).toThrow(message);
  });

  it.each([12 * 3600, Number.NaN, 1e21])("refuses retentionSeconds: %d", (retentionSeconds) => {
    expect(() => redisStore(client, { retentionSeconds })).toThrow(
      /^retentionSeconds must be from 46800 \(13 hours, .*\) to 315360000 \(10 years\); the default is 72 hours\.$/,
    );
  });
});
