import { join } from "node:path";

import type { Inbox } from "@ahasend-webhooks/core";
import { sqliteInbox } from "@ahasend-webhooks/store-sqlite";
import Database from "libsql";

import { appendEffect } from "../effects.js";
import { plantInInbox } from "./planted-inbox.js";
import { type Setup, log, toInboxOptions } from "../setup.js";
import type { Engine, Extras } from "./engine.js";

export function openSqliteInbox(setup: Setup): Engine<Inbox<Extras>> {
  const { databaseDir, dataDir, bug } = setup;
  const db = new Database(join(databaseDir, "chaos.db"));
  const onWarning = (message: string) => log({ msg: message });
  const inbox = sqliteInbox(db, { ...toInboxOptions(setup), concurrency: 64, onWarning });
  return {
    store: plantInInbox<Extras>(inbox, bug),
    write: (effect) => appendEffect(dataDir, effect),
    close: () => db.close(),
  };
}
