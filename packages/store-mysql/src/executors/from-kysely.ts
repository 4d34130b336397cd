import { type KyselyLike, type KyselySession, runRawKysely } from "@ahasend-webhooks/core/sql";

import type { SqlExecutor, SqlQuery } from "./sql-executor.js";

/**
 * Creates the executor of a Kysely database. Handlers get its transaction as `context.tx`.
 *
 * @example
 * mysqlStore(fromKysely(db), { mode: "transaction" });
 */
export function fromKysely<Tx extends KyselySession>(database: KyselyLike<Tx>): SqlExecutor<Tx> {
  const toQuery =
    (session: KyselySession): SqlQuery =>
    async (sql) => {
      const { rows, numAffectedRows } = await runRawKysely(session, sql, []);
      return { rows, affectedRows: Number(numAffectedRows ?? 0) };
    };
  return {
    query: toQuery(database),
    transaction: async (work) => database.transaction().execute(async (tx) => work(tx, toQuery(tx))),
  };
}
