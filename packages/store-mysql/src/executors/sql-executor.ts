/** The result of one statement. */
export interface SqlResult {
  /** Objects with the columns in their order. Empty if the statement returns none. */
  rows: readonly unknown[];
  /** The number of inserted, updated or deleted rows; 0 of a statement that returns rows. */
  affectedRows: number;
}

/** Runs one statement without parameters. A question mark in it is not a parameter. */
export type SqlQuery = (sql: string) => Promise<SqlResult>;

/**
 * Your database, as the store uses it: where a pool of mysql2 is not what your application has. `fromDrizzle`, `fromKysely`,
 * `fromPrisma` and `fromTypeOrm` create one.
 *
 * @typeParam Tx the transaction of your library, which handlers get as `context.tx`
 *
 * @example
 * // Joins the transactions of @nestjs-cls/transactional, which are kept in an AsyncLocalStorage.
 * const executor: SqlExecutor<EntityManager> = {
 *   query: fromTypeOrm(dataSource).query,
 *   transaction: (work) => host.withTransaction(() => work(host.tx, fromTypeOrm(host.tx).query)),
 * };
 */
export interface SqlExecutor<Tx> {
  /** Runs a statement outside of transactions, committed by itself. */
  query: SqlQuery;
  /**
   * Runs the work once in a transaction of its own, on one connection: committed if the work resolves, rolled back if it
   * rejects. It must not end the transaction before the work has settled, not even after a time limit.
   *
   * @param work gets the transaction, and a function that runs statements in it
   * @throws the error of the work, or an error of the database
   */
  transaction: <Result>(work: (tx: Tx, query: SqlQuery) => Promise<Result>) => Promise<Result>;
}
