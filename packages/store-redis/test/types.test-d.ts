import type { IdempotencyStore } from "@ahasend-webhooks/core";
import { Cluster, Redis } from "ioredis";
import { createClient, createClientPool, createCluster } from "redis";
import { expectTypeOf, it } from "vitest";

import { redisStore } from "../src/index.js";

it("accepts single, pooled and cluster clients of both drivers", () => {
  expectTypeOf(redisStore(new Redis())).toEqualTypeOf<IdempotencyStore>();
  redisStore(new Cluster([]));
  redisStore(createClient());
  redisStore(createClientPool());
  redisStore(createCluster({ rootNodes: [] }));
  // @ts-expect-error a URL is not a client
  redisStore("redis://localhost");
});
