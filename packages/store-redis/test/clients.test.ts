import { randomUUID } from "node:crypto";

import { createReceiver } from "@ahasend-webhooks/core";
import { type TestServer, hasRedis, required, startRedis } from "@ahasend-webhooks/harness";
import { createEvent, signDelivery, storeCases } from "@ahasend-webhooks/testing";
import { Redis } from "ioredis";
import RedisMock from "ioredis-mock";
import Ioredis4 from "ioredis4";
import { RESP_TYPES, createClient } from "redis";
import { createClient as createClient4 } from "redis4";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";

import { type IoredisLike, type RedisLike, redisStore } from "../src/index.js";

const secret = "aha-whsec-Zk4vT9wQ2mX7bN1sL6pR3yC8dF5gH0jA";

/** Receives one delivery twice in a row. */
async function receiveTwice(client: RedisLike) {
  const handler = vi.fn();
  const outcomes: string[] = [];
  const receiver = createReceiver({
    secret,
    on: { "*": handler },
    store: redisStore(client, { keyPrefix: `${randomUUID()}:`, onWarning: () => undefined }),
    onOutcome: ({ code }) => outcomes.push(code),
  });
  const delivery = signDelivery({ secret, event: createEvent("message.opened") });
  for (let copy = 0; copy < 2; copy += 1) await receiver.receive(delivery);
  return { outcomes, handled: handler.mock.calls.length };
}

describe("ioredis-mock", () => {
  it("handles the first delivery and recognizes the second as a duplicate", async () => {
    expect(await receiveTwice(new RedisMock())).toEqual({ outcomes: ["handled", "duplicate"], handled: 1 });
  });

  it.each(storeCases)("$name", async ({ run }) => {
    let time = 1_784_041_401_000;
    const options = { keyPrefix: `${randomUUID()}:`, now: () => time, onWarning: () => undefined };
    await run({ store: redisStore(new RedisMock(), options), advance: (ms) => void (time += ms) });
  });
});

describe.skipIf(!required("Redis", hasRedis()))("redisStore", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());

  const url = () => `redis://127.0.0.1:${server.port}`;
  const ioredis = (options: object) => {
    const client = new Redis(server.port, options);
    onTestFinished(() => client.disconnect());
    return client;
  };
  const nodeRedis = async (options: Parameters<typeof createClient>[0] = {}) => {
    const client = await createClient({ url: url(), ...options }).connect();
    onTestFinished(() => client.close());
    return client;
  };
  const oldClients: Record<string, () => Promise<RedisLike> | RedisLike> = {
    "ioredis 4": () => {
      const client = new Ioredis4(server.port);
      onTestFinished(() => client.disconnect());
      return client;
    },
    "redis 4": async () => {
      const client = createClient4({ url: url() });
      await client.connect();
      onTestFinished(() => client.disconnect());
      return client;
    },
  };

  describe.each(Object.keys(oldClients))("with a client of %s", (name) => {
    it.each(storeCases)("$name", async ({ run }) => {
      let time = 1_784_041_401_000;
      const client = await oldClients[name]!();
      const store = redisStore(client, { keyPrefix: `${randomUUID()}:`, now: () => time });
      await run({ store, advance: (ms) => void (time += ms) });
    });
  });

  it.each<[string, () => Promise<RedisLike> | RedisLike]>([
    ["ioredis with stringNumbers", () => ioredis({ stringNumbers: true })],
    ["ioredis with enableAutoPipelining", () => ioredis({ enableAutoPipelining: true })],
    ["ioredis with its own keyPrefix", () => ioredis({ keyPrefix: `${randomUUID()}:` })],
    ["redis with RESP 2", () => nodeRedis({ RESP: 2 })],
    ["redis with RESP 3", () => nodeRedis({ RESP: 3 })],
    [
      "redis that maps strings to buffers and numbers to strings",
      async () => {
        const types = {
          [RESP_TYPES.BLOB_STRING]: Buffer,
          [RESP_TYPES.NUMBER]: String,
        };
        const client = (await nodeRedis({ RESP: 3 })).withTypeMapping(types);
        return client;
      },
    ],
  ])("accepts a client of %s", async (_name, open) => {
    expect(await receiveTwice(await open())).toEqual({ outcomes: ["handled", "duplicate"], handled: 1 });
  });

  it.each<[string, () => Promise<RedisLike> | RedisLike]>([
    [
      "is a subscriber, which accepts no other command in RESP 2",
      async () => {
        const client = new Ioredis4(server.port);
        onTestFinished(() => client.disconnect());
        await client.subscribe("news");
        return client;
      },
    ],
    [
      "is inside MULTI",
      async () => {
        const client = ioredis({});
        await client.multi({ pipeline: false });
        return client;
      },
    ],
    ["returns undefined, as in the legacy mode of redis", () => createClientReturning(undefined)],
    ["returns null", () => createClientReturning(null)],
    ["returns QUEUED", () => createClientReturning("QUEUED")],
    ["returns true", () => createClientReturning(true)],
    ["returns an object, as a pipeline does", () => createClientReturning({})],
    ["returns an array", () => createClientReturning(["done", 0])],
    ["returns claimed without a number", () => createClientReturning("claimed")],
    ["returns claimed with NaN as the attempt", () => createClientReturning("claimed NaN")],
    ["returns busy with a negative number", () => createClientReturning("busy -1")],
    ["returns done in capitals", () => createClientReturning("DONE")],
  ])("never treats a delivery as done if the client %s", async (_name, open) => {
    const { outcomes, handled } = await receiveTwice(await open());
    expect(outcomes).toEqual(["store_unavailable", "store_unavailable"]);
    expect(handled).toBe(0);
  });

  it.each([undefined, null, "QUEUED", "claimed 1"])("rejects a commit that returns %s", async (value) => {
    const real = ioredis({});
    const client: IoredisLike = {
      evalsha: (...args) => real.evalsha(...args),
      eval: (...args) => real.eval(...args),
      set: (key: string, text: string, unit: "PX", ms: number, condition?: "NX") =>
        condition === undefined ? Promise.resolve(value) : real.set(key, text, unit, ms, condition),
    };
    const store = redisStore(client, { keyPrefix: `${randomUUID()}:` });
    await store.claim("a", "one", 1000);
    await expect(store.commit("a", "one", 60_000)).rejects.toThrow(
      /^Redis returned an unexpected .* for a command: /,
    );
  });

  it("refuses a pipeline, a transaction, a client in legacy mode and a Promise", async () => {
    const client = ioredis({});
    const other = await nodeRedis();
    for (const wrong of [client.pipeline(), client.multi(), other.multi()]) {
      expect(() => redisStore(wrong as unknown as RedisLike)).toThrow(
        /but got a (pipeline or )?transaction: pass the client that created it\.$/,
      );
    }
    const legacy = createClient4({ url: url(), legacyMode: true });
    expect(() => redisStore(legacy as unknown as RedisLike)).toThrow(
      /in legacy mode: pass its v4 property\.$/,
    );
    const pending = createClient({ url: url() }).connect();
    expect(() => redisStore(pending as unknown as RedisLike)).toThrow(/but got a Promise: await it first\.$/);
    (await pending).destroy();
  });
});

/** Creates a client on which every delivery exists, and every script returns the same value. */
function createClientReturning(value: unknown): RedisLike {
  const reply = () => Promise.resolve(value);
  return { evalsha: reply, eval: reply, set: () => Promise.resolve(null) };
}

describe("redisStore without a client", () => {
  it.each<[string, unknown, RegExp]>([
    ["undefined", undefined, /but got undefined\.$/],
    ["null", null, /but got null\.$/],
    ["a URL", "redis://:password@localhost", /but got string\.$/],
    ["options", { host: "localhost" }, /but got an instance of Object\.$/],
    [
      "the class of the driver",
      Redis,
      /but got the function or class Redis: pass a client created with it\.$/,
    ],
    [
      "a function",
      createClient,
      /but got the function or class createClient: pass a client created with it\.$/,
    ],
    ["a client without eval", { evalsha: () => undefined }, /but got an instance of Object\.$/],
    [
      "a client without set",
      { evalsha: () => undefined, eval: () => undefined },
      /but got an instance of Object\.$/,
    ],
    [
      "a client for REST",
      { evalsha: () => undefined, eval: () => undefined, createScript: () => undefined },
      /REST API: pass an ioredis client /,
    ],
  ])("refuses %s and names its type, never its value", (_name, value, message) => {
    expect(() => redisStore(value as RedisLike)).toThrow(message);
    expect(() => redisStore(value as RedisLike)).toThrow(/^redisStore needs a client of ioredis /);
    expect(() => redisStore(value as RedisLike)).not.toThrow(/password/);
  });
});
