import type { Inbox } from "@ahasend-webhooks/core";
import { postgresInbox, postgresStore } from "@ahasend-webhooks/store-postgres";
import pg from "pg";

import { effectsTableSql, insertEffect } from "../effects.js";
import { plantInInbox } from "./planted-inbox.js";
import { type Setup, log, toInboxOptions } from "../setup.js";
import type { Engine, Extras } from "./engine.js";

const onWarning = (message: string) => log({ msg: message });

export async function openPostgresStore({ url, mode }: Setup): Promise<Engine> {
  const pool = openPool(url);
  const store =
    mode === "lease" ? postgresStore(pool, { onWarning }) : postgresStore(pool, { mode, onWarning });
  await store.migrate();
  return onPool(pool, store);
}

export async function openPostgresInbox(setup: Setup): Promise<Engine<Inbox<Extras>>> {
  const { url, mode, bug } = setup;
  const pool = openPool(url);
  const options = { ...toInboxOptions(setup), leaseSeconds: 3, pollIntervalSeconds: 0.2, onWarning };
  if (mode === "lease") {
    const inbox = postgresInbox(pool, { ...options, mode });
    await inbox.migrate();
    return onPool(pool, plantInInbox(inbox as Inbox<object>, bug));
  }
  const inbox = postgresInbox(pool, options);
  await inbox.migrate();
  return onPool(pool, plantInInbox<Extras>(inbox, bug));
}

function openPool(connectionString: string): pg.Pool {
  const pool = new pg.Pool({ connectionString, max: 20, connectionTimeoutMillis: 2000 });
  pool.on("error", (error) => log({ msg: error.message }));
  return pool;
}

async function onPool<Chosen>(pool: pg.Pool, store: Chosen): Promise<Engine<Chosen>> {
  await pool.query(effectsTableSql);
  return {
    store,
    write: (effect, client) => insertEffect(client ?? pool, effect),
    close: () => pool.end(),
  };
}
