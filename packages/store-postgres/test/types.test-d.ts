import { type Handlers, createReceiver } from "@ahasend-webhooks/core";
import { Pool, type PoolClient } from "pg";
import { expectTypeOf, it } from "vitest";

import { type PostgresLeaseStore, type PostgresTransactionalStore, postgresStore } from "../src/index.js";

const secret = "aha-whsec-Zk4vT9wQ2mX7bN1sL6pR3yC8dF5gH0jA";
const pool = new Pool();

it("accepts a pool of pg in both modes", () => {
  expectTypeOf(postgresStore(pool)).toEqualTypeOf<PostgresLeaseStore>();
  expectTypeOf(postgresStore(pool, { mode: "lease" })).toEqualTypeOf<PostgresLeaseStore>();
  expectTypeOf(postgresStore(pool, { mode: "transaction" })).toEqualTypeOf<
    PostgresTransactionalStore<PoolClient>
  >();
  // @ts-expect-error a URL is not a pool
  postgresStore("postgres://localhost");
});

it("passes the client to handlers in transaction mode", () => {
  createReceiver({
    secret,
    store: postgresStore(pool, { mode: "transaction" }),
    on: {
      "message.bounced": (event, { client, attempt }) => {
        expectTypeOf(client).toEqualTypeOf<PoolClient>();
        expectTypeOf(attempt).toBeNumber();
        expectTypeOf(event.data.recipient).toBeString();
      },
      "*": (_event, { client }) => expectTypeOf(client).toEqualTypeOf<PoolClient>(),
    },
  });
});

it("passes no client to handlers in lease mode", () => {
  createReceiver({
    secret,
    store: postgresStore(pool),
    // @ts-expect-error there is no transaction
    on: { "message.bounced": (_event, { client }) => client },
  });
  const on: Handlers<{ client: PoolClient }> = {};
  createReceiver({ secret, on, store: postgresStore(pool, { mode: "transaction" }) });
  // @ts-expect-error there is no transaction
  createReceiver({ secret, on, store: postgresStore(pool) });
});
