import { type Handlers, createReceiver, createWorker } from "@ahasend-webhooks/core";
import { Pool, type PoolClient } from "pg";
import { expectTypeOf, it } from "vitest";

import {
  type PostgresInbox,
  type PostgresLeaseStore,
  type PostgresTransactionalStore,
  postgresInbox,
  postgresStore,
} from "../src/index.js";

const secret = "aha-whsec-Zk4vT9wQ2mX7bN1sL6pR3yC8dF5gH0jA";
const pool = new Pool();

it("accepts a pool of pg in both modes", () => {
  expectTypeOf(postgresStore(pool)).toEqualTypeOf<PostgresLeaseStore>();
  expectTypeOf(postgresStore(pool, { mode: "lease" })).toEqualTypeOf<PostgresLeaseStore>();
  expectTypeOf(postgresStore(pool, { mode: "transaction" })).toEqualTypeOf<
    PostgresTransactionalStore<{ readonly client: PoolClient }>
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
    // @ts-expect-error the context has no transaction
    on: { "message.bounced": (_event, { client }) => client },
  });
  const on: Handlers<{ client: PoolClient }> = {};
  createReceiver({ secret, on, store: postgresStore(pool, { mode: "transaction" }) });
  // @ts-expect-error the context has no transaction
  createReceiver({ secret, on, store: postgresStore(pool) });
});

it("passes the client to the handlers of an inbox in transaction mode, which is the default", () => {
  const inbox = postgresInbox(pool);
  expectTypeOf(inbox).toEqualTypeOf<PostgresInbox<{ readonly client: PoolClient }>>();
  expectTypeOf(postgresInbox(pool, { mode: "transaction" })).toEqualTypeOf(inbox);
  const on: Handlers<{ client: PoolClient }> = {
    "message.bounced": (event, { client, attempt }) => {
      expectTypeOf(client).toEqualTypeOf<PoolClient>();
      expectTypeOf(attempt).toBeNumber();
      expectTypeOf(event.data.recipient).toBeString();
    },
  };
  createWorker({ store: inbox, on });
  createWorker({
    store: postgresInbox(pool, { concurrency: { "*": 4, "message.routing": 1 } }),
    on: { "*": (_event, { client }) => expectTypeOf(client).toEqualTypeOf<PoolClient>() },
  });
  createReceiver({ secret, on, store: inbox, work: false });
  // @ts-expect-error a URL is not a pool
  postgresInbox("postgres://localhost");
});

it("passes no client to the handlers of an inbox in lease mode", () => {
  const inbox = postgresInbox(pool, { mode: "lease" });
  expectTypeOf(inbox).toEqualTypeOf<PostgresInbox>();
  // @ts-expect-error the context has no transaction
  createWorker({ store: inbox, on: { "message.bounced": (_event, { client }) => client } });
  const on: Handlers<{ client: PoolClient }> = {};
  // @ts-expect-error the context has no transaction
  createReceiver({ secret, on, store: inbox });
});
