import type { SqlExecutor, SqlQuery } from "./sql-executor.js";

/** A DataSource or EntityManager of TypeORM, as far as it is called. */
export interface TypeOrmLike<Manager extends TypeOrmSession> extends TypeOrmSession {
  transaction: {
    <Result>(work: (manager: Manager) => Promise<Result>): Promise<Result>;
    <Result>(isolation: never, work: (manager: Manager) => Promise<Result>): Promise<Result>;
  };
}

/** Runs statements of TypeORM. */
export interface TypeOrmSession {
  query(text: string, values?: unknown[]): Promise<unknown>;
}

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
