import { randomUUID } from "node:crypto";

import { type TestServer, hasRedis, required, startRedis } from "@ahasend-webhooks/harness";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { redisStore } from "../src/index.js";

const LEASE_MS = 60_000;
const RETENTION_MS = 259_200_000;

/** The scripts of the version that wrote hashes, as literals. */
const NOW = `
local now = tonumber(ARGV[#ARGV])
if now == nil then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end`;
const old = {
  claim: `${NOW}
local done, token, attempt, till = unpack(redis.call('HMGET', KEYS[1], 'done', 'token', 'attempt', 'until'))
if done == '1' then return 'done' end
local mine = token == ARGV[1]
local owned = type(token) == 'string' and token ~= ''
if owned and not mine and tonumber(till) > now then return string.format('busy %.0f', tonumber(till) - now) end
attempt = tonumber(attempt) or 0
if not mine then attempt = attempt + 1 end
redis.call('HSET', KEYS[1], 'token', ARGV[1], 'attempt', attempt, 'until', now + tonumber(ARGV[2]))
redis.call('PEXPIRE', KEYS[1], math.max(tonumber(ARGV[2]), tonumber(ARGV[3])))
return string.format('claimed %.0f', attempt)`,
  renew: `${NOW}
if redis.call('HGET', KEYS[1], 'token') == ARGV[1] then
  redis.call('HSET', KEYS[1], 'until', now + tonumber(ARGV[2]))
  redis.call('PEXPIRE', KEYS[1], math.max(tonumber(ARGV[2]), tonumber(ARGV[3])))
end
return 'renewed'`,
  commit: `${NOW}
redis.call('HSET', KEYS[1], 'done', '1')
redis.call('HDEL', KEYS[1], 'token', 'until')
redis.call('PEXPIRE', KEYS[1], tonumber(ARGV[1]))
return 'committed'`,
  release: `${NOW}
if redis.call('HGET', KEYS[1], 'token') == ARGV[1] then redis.call('HSET', KEYS[1], 'token', '') end
return 'released'`,
};

describe.skipIf(!required("Redis", hasRedis()))("the values of redisStore", () => {
  let server: TestServer;
  let redis: Redis;
  beforeAll(async () => {
    server = await startRedis();
    redis = new Redis(server.port);
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });

  /** Both versions on one new key. */
  function open() {
    const keyPrefix = `${randomUUID()}:`;
    const runOld = (script: string, ...args: (string | number)[]) =>
      redis.eval(script, 1, `${keyPrefix}a`, ...args, "server");
    return {
      store: redisStore(redis, { keyPrefix }),
      key: `${keyPrefix}a`,
      old: {
        claim: (token: string, leaseMs = LEASE_MS) => runOld(old.claim, token, leaseMs, RETENTION_MS),
        renew: (token: string) => runOld(old.renew, token, LEASE_MS, RETENTION_MS),
        commit: () => runOld(old.commit, RETENTION_MS),
        release: (token: string) => runOld(old.release, token),
      },
    };
  }

  it("reads the hashes that an earlier version has claimed, released and committed", async () => {
    const { store, old } = open();
    await old.claim("one");
    const busy = await store.claim("a", "two", LEASE_MS);
    expect(busy).toMatchObject({ state: "busy" });
    expect(busy.state === "busy" && busy.retryAfterMs > 0 && busy.retryAfterMs <= LEASE_MS).toBe(true);
    await old.release("one");
    expect(await store.claim("a", "two", LEASE_MS)).toEqual({ state: "claimed", attempt: 2 });
    await old.commit();
    expect(await store.claim("a", "three", LEASE_MS)).toEqual({ state: "done" });
  });

  it("renews and releases as the owner of a hash only, and keeps counting claims", async () => {
    const { store, old } = open();
    await old.claim("one", 1);
    await expect
      .poll(() => store.claim("a", "two", LEASE_MS), { timeout: 10_000 })
      .toEqual({ state: "claimed", attempt: 2 });
    await store.renew("a", "one", LEASE_MS);
    await store.release("a", "one");
    await store.renew("a", "two", LEASE_MS);
    expect(await old.claim("three")).toMatch(/^busy /);
    await store.release("a", "two");
    expect(await old.claim("three")).toBe("claimed 3");
    await old.renew("three");
    expect(await store.claim("a", "four", LEASE_MS)).toMatchObject({ state: "busy" });
  });

  it("leaves a hash that it takes over readable, so that the late commit of its first owner counts", async () => {
    const { store, key, old } = open();
    await old.claim("one");
    await old.release("one");
    await store.claim("a", "two", LEASE_MS);
    expect(await redis.type(key)).toBe("hash");
    expect(await old.commit()).toBe("committed");
    await store.release("a", "two");
    expect(await store.claim("a", "three", LEASE_MS)).toEqual({ state: "done" });
  });

  it("commits over a hash, and fails no call on it afterwards", async () => {
    const { store, key, old } = open();
    await old.claim("one");
    await store.commit("a", "two", RETENTION_MS);
    expect(await redis.get(key)).toBe("done");
    await store.renew("a", "one", LEASE_MS);
    await store.release("a", "one");
    expect(await store.claim("a", "one", LEASE_MS)).toEqual({ state: "done" });
  });

  it("never looks like a new delivery to a version that wrote hashes, which fails instead", async () => {
    const { store, old } = open();
    await store.claim("a", "one", LEASE_MS);
    await expect(old.claim("two")).rejects.toThrow(/WRONGTYPE/);
    await expect(old.commit()).rejects.toThrow(/WRONGTYPE/);
    await store.commit("a", "one", RETENTION_MS);
    await expect(old.claim("two")).rejects.toThrow(/WRONGTYPE/);
    expect(await store.claim("a", "two", LEASE_MS)).toEqual({ state: "done" });
  });

  it("keeps the receipt when an owner whose lease has ended commits after the next one", async () => {
    const { store, key } = open();
    await store.claim("a", "one", 1);
    await expect
      .poll(() => store.claim("a", "two", LEASE_MS), { timeout: 10_000 })
      .toEqual({ state: "claimed", attempt: 2 });
    await store.commit("a", "two", RETENTION_MS);
    await store.commit("a", "one", RETENTION_MS);
    expect(await redis.pttl(key)).toBeGreaterThan(RETENTION_MS - 60_000);
    expect(await store.claim("a", "three", LEASE_MS)).toEqual({ state: "done" });
  });

  it("counts the lease by the time to live of the key, and keeps the claims of a released delivery as long", async () => {
    const { store, key } = open();
    await store.claim("a", "one", LEASE_MS);
    await redis.pexpire(key, RETENTION_MS - LEASE_MS + 1000);
    const busy = await store.claim("a", "two", LEASE_MS);
    expect(busy.state === "busy" && busy.retryAfterMs <= 1000).toBe(true);
    await redis.pexpire(key, RETENTION_MS - LEASE_MS);
    expect(await store.claim("a", "two", LEASE_MS)).toEqual({ state: "claimed", attempt: 2 });
    await redis.pexpire(key, RETENTION_MS / 2);
    await store.release("a", "two");
    expect(await redis.pttl(key)).toBeLessThanOrEqual(RETENTION_MS / 2);
    expect(await redis.pttl(key)).toBeGreaterThan(RETENTION_MS / 2 - 60_000);
  });
});
