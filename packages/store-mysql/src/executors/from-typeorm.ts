import type { TypeOrmLike, TypeOrmSession } from "@ahasend-webhooks/core/sql";

import type { SqlExecutor, SqlQuery } from "./sql-executor.js";
import { parseMysql2Result } from "./parse-mysql2-result.js";

/**
 * Creates the executor of a DataSource of TypeORM. Handlers get the EntityManager of the transaction as `context.tx`.
 *
 * @example
 * mysqlStore(fromTypeOrm(dataSource), { mode: "transaction" });
 */
export function fromTypeOrm<Manager extends TypeOrmSession>(
  dataSource: TypeOrmLike<Manager>,
): SqlExecutor<Manager> {
  const toQuery =
    (session: TypeOrmSession): SqlQuery =>
    async (sql) =>
      parseMysql2Result(await session.query(sql));
  return {
    query: toQuery(dataSource),
    transaction: async (work) => dataSource.transaction(async (manager) => work(manager, toQuery(manager))),
  };
}
