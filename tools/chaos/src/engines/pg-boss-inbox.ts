import type { Inbox } from "@ahasend-webhooks/core";
import { pgBossInbox } from "@ahasend-webhooks/inbox-pg-boss";
import { PgBoss } from "pg-boss";

import { effectsTableSql, insertEffect } from "../effects.js";
import { plantInInbox } from "./planted-inbox.js";
import { type Setup, log, toInboxOptions } from "../setup.js";
import type { Engine, Extras } from "./engine.js";

/** Options with which pg-boss looks often for the jobs of workers that were killed: those that have been silent for 10 seconds. */
const soon = { superviseIntervalSeconds: 1, monitorIntervalSeconds: 1 };

export async function openPgBossInbox(setup: Setup): Promise<Engine<Inbox<Extras>>> {
  const { url: connectionString, bug } = setup;
  const boss = new PgBoss({ connectionString, connectionTimeoutMillis: 2000, schedule: false, ...soon });
  boss.on("error", (error) => log({ msg: error.message }));
  await boss.start();
  const db = boss.getDb();
  await db.executeSql(effectsTableSql);
  const onWarning = (message: string) => log({ msg: message });
  const inbox = pgBossInbox(boss, {
    ...toInboxOptions(setup),
    heartbeatSeconds: 10,
    pollSeconds: 0.2,
    onWarning,
  });
  await inbox.ready();
  return {
    store: plantInInbox(inbox as Inbox<object>, bug),
    write: (effect) => insertEffect({ query: (text, values) => db.executeSql(text, values) }, effect),
    close: () => boss.stop({ graceful: false }),
  };
}
