import type { TypeOrmLike, TypeOrmSession } from "@ahasend-webhooks/core/sql";

import type { SqlExecutor, SqlQuery } from "./sql-executor.js";

/**
 * Creates the executor of a DataSource of TypeORM. Handlers get the EntityManager of the transaction as `context.tx`.
 *
 * @example
 * postgresStore(fromTypeOrm(dataSource), { mode: "transaction" });
 */
export function fromTypeOrm<Manager extends TypeOrmSession>(
  dataSource: TypeOrmLike<Manager>,
): SqlExecutor<Manager> {
  const toQuery =
    (session: TypeOrmSession): SqlQuery =>
    async (text, values) =>
      readTypeOrmRows(await session.query(text, [...values]));
  return {
    query: toQuery(dataSource),
    transaction: async (work) => dataSource.transaction(async (manager) => work(manager, toQuery(manager))),
  };
}

/** Returns the rows: of UPDATE and DELETE, TypeORM returns them together with their number. */
function readTypeOrmRows(result: unknown): unknown[] {
  const [rows, count] = result as [unknown, unknown];
  return Array.isArray(rows) && typeof count === "number" ? rows : (result as unknown[]);
}
