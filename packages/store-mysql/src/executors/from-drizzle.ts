import { type DrizzleLike, type DrizzleSession, runDrizzleTransaction } from "@ahasend-webhooks/core/sql";

import type { SqlExecutor, SqlQuery } from "./sql-executor.js";
import { parseMysql2Result } from "./parse-mysql2-result.js";

/**
 * Creates the executor of a Drizzle database on mysql2. Handlers get its transaction as `context.tx`.
 *
 * @example
 * mysqlStore(fromDrizzle(drizzle({ client: pool })), { mode: "transaction" });
 */
export function fromDrizzle<Tx extends DrizzleSession>(database: DrizzleLike<Tx>): SqlExecutor<Tx> {
  const toQuery =
    (session: DrizzleSession): SqlQuery =>
    async (sql) => {
      const reply = await session.execute(sql as never);
      return parseMysql2Result(Array.isArray(reply) ? reply[0] : reply);
    };
  return {
    query: toQuery(database),
    transaction: async (work) => runDrizzleTransaction(database, async (tx) => work(tx, toQuery(tx))),
  };
}
