import { type Handlers, createReceiver } from "@ahasend-webhooks/core";
import callbackMysql from "mysql2";
import mysql from "mysql2/promise";
import { expectTypeOf, it } from "vitest";

import { type MysqlLeaseStore, type MysqlTransactionalStore, mysqlStore } from "../src/index.js";

const secret = "aha-whsec-Zk4vT9wQ2mX7bN1sL6pR3yC8dF5gH0jA";
const pool = mysql.createPool({});
const callbackPool = callbackMysql.createPool({});

it("accepts a pool of mysql2 with promises or callbacks, in both modes", () => {
  for (const either of [pool, callbackPool]) {
    expectTypeOf(mysqlStore(either)).toEqualTypeOf<MysqlLeaseStore>();
    expectTypeOf(mysqlStore(either, { mode: "lease" })).toEqualTypeOf<MysqlLeaseStore>();
  }
  expectTypeOf(mysqlStore(pool, { mode: "transaction" })).toEqualTypeOf<
    MysqlTransactionalStore<{ readonly client: mysql.PoolConnection }>
  >();
  expectTypeOf(mysqlStore(callbackPool, { mode: "transaction" })).toEqualTypeOf<
    MysqlTransactionalStore<{ readonly client: callbackMysql.PoolConnection }>
  >();
  // @ts-expect-error a URL is not a pool
  mysqlStore("mysql://localhost");
});

it("passes the connection to handlers in transaction mode", () => {
  createReceiver({
    secret,
    store: mysqlStore(pool, { mode: "transaction" }),
    on: {
      "message.bounced": (event, { client, attempt }) => {
        expectTypeOf(client).toEqualTypeOf<mysql.PoolConnection>();
        expectTypeOf(attempt).toBeNumber();
        expectTypeOf(event.data.recipient).toBeString();
      },
      "*": (_event, { client }) => expectTypeOf(client).toEqualTypeOf<mysql.PoolConnection>(),
    },
  });
});

it("passes no connection to handlers in lease mode", () => {
  createReceiver({
    secret,
    store: mysqlStore(pool),
    // @ts-expect-error the context has no transaction
    on: { "message.bounced": (_event, { client }) => client },
  });
  const on: Handlers<{ client: mysql.PoolConnection }> = {};
  createReceiver({ secret, on, store: mysqlStore(pool, { mode: "transaction" }) });
  // @ts-expect-error the context has no transaction
  createReceiver({ secret, on, store: mysqlStore(pool) });
});
