/**
 * Runs one statement with the parameters `$1`, `$2`, … and resolves to its rows, also those of `RETURNING`. Each is an object
 * with the columns in their order. `text` is returned as a string.
 */
export type SqlQuery = (text: string, values: readonly SqlValue[]) => Promise<readonly unknown[]>;

/** A parameter of a statement. PostgreSQL derives its type from the statement. Bytes are a `Buffer`. */
export type SqlValue = string | number | boolean | Uint8Array | null;

/**
 * Your database, as the store and the inbox use it: where a pool of pg is not what your application has. `fromDrizzle`,
 * `fromPrisma` and their siblings create one.
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
  /** Runs a statement outside of transactions. */
  query: SqlQuery;
  /**
   * Runs the work once in a transaction of its own: committed if the work resolves, rolled back if it rejects.
   *
   * @param work gets the transaction, and a function that runs statements in it
   * @throws the error of the work, or an error of the database
   */
  transaction: <Result>(work: (tx: Tx, query: SqlQuery) => Promise<Result>) => Promise<Result>;
}
