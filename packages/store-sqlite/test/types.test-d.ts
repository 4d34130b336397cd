// The types of Node.js 20 do not have node:sqlite yet.
// oxlint-disable-next-line typescript/triple-slash-reference
/// <reference path="../node_modules/types-node-24/sqlite.d.ts" />
import { DatabaseSync } from "node:sqlite";

import { type Store, createReceiver, createWorker } from "@ahasend-webhooks/core";
import BetterSqlite3 from "better-sqlite3";
import Libsql from "libsql";
import { expectTypeOf, it } from "vitest";

import { type SqliteInbox, type SqliteStore, sqliteInbox, sqliteStore } from "../src/index.js";

const secret = "aha-whsec-Zk4vT9wQ2mX7bN1sL6pR3yC8dF5gH0jA";

it("accepts a connection of each driver", () => {
  expectTypeOf(sqliteInbox(new DatabaseSync("ahasend.db"))).toEqualTypeOf<SqliteInbox>();
  expectTypeOf(sqliteInbox(new BetterSqlite3("ahasend.db"))).toEqualTypeOf<SqliteInbox>();
  expectTypeOf(sqliteInbox(new Libsql("ahasend.db"))).toEqualTypeOf<SqliteInbox>();
  expectTypeOf(sqliteStore(new DatabaseSync("ahasend.db"))).toEqualTypeOf<SqliteStore>();
  sqliteStore(new BetterSqlite3("ahasend.db"));
  sqliteStore(new Libsql("ahasend.db"));
  // @ts-expect-error a path is not a connection
  sqliteInbox("ahasend.db");
  // @ts-expect-error a class is not a connection
  sqliteStore(DatabaseSync);
});

it("is a store of receivers and workers", () => {
  const inbox = sqliteInbox(new DatabaseSync("ahasend.db"), { concurrency: { "message.routing": 2 } });
  createReceiver({ secret, store: inbox, work: false, on: {} });
  createWorker({ store: inbox, on: { "message.bounced": (event) => void event.data.recipient } });
  createReceiver({ secret, store: sqliteStore(new DatabaseSync("ahasend.db")), on: {} });
  const either: Store<{ client?: string }> = inbox;
  createReceiver({ secret, store: either, on: { "*": (_event, { client }) => void client } });
  // @ts-expect-error it adds nothing to the context
  createReceiver({ secret, store: inbox, on: { "*": (_event, { client }) => void client } });
  // @ts-expect-error a store is not an inbox
  createWorker({ store: sqliteStore(new DatabaseSync("ahasend.db")), on: {} });
});
