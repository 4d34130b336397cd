import { mysqlStore } from "@ahasend-webhooks/store-mysql";
import mysql from "mysql2/promise";

import type { Effect, SqlClient } from "../effects.js";
import { type Setup, log } from "../setup.js";
import type { Engine } from "./engine.js";

export async function openMysqlStore({ url, mode }: Setup): Promise<Engine> {
  const pool = mysql.createPool({ uri: url, connectionLimit: 20, connectTimeout: 2000 });
  const onWarning = (message: string) => log({ msg: message });
  const store = mode === "lease" ? mysqlStore(pool, { onWarning }) : mysqlStore(pool, { mode, onWarning });
  await store.migrate();
  await pool.query(
    "CREATE TABLE IF NOT EXISTS effects (id bigint AUTO_INCREMENT PRIMARY KEY, effect text NOT NULL)",
  );
  const insert = (client: SqlClient, effect: Effect) =>
    client.query("INSERT INTO effects (effect) VALUES (?)", [JSON.stringify(effect)]);
  return {
    store,
    write: async (effect, client) => void (await insert(client ?? pool, effect)),
    close: () => pool.end(),
  };
}
