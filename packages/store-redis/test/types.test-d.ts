import type { IdempotencyStore } from "@ahasend-webhooks/core";
import { Cluster, Redis } from "ioredis";
import { createClient, createClientPool, createCluster } from "redis";
import { expectTypeOf, it } from "vitest";

import { redisStore } from "../src/index.js";

it("takes the clients of both drivers, single, pooled and clustered", () => {
  expectTypeOf(redisStore(new Redis())).toEqualTypeOf<IdempotencyStore>();
  redisStore(new Cluster([]));
  redisStore(createClient());
  redisStore(createClientPool());
  redisStore(createCluster({ rootNodes: [] }));
  // @ts-expect-error a URL is no client
  redisStore("redis://localhost");
});
