import type { QueryResultLike } from "./pg-like.js";

/** Runs one statement with parameters `$1`, `$2`, …; the result has its rows. */
export type SqlQuery = (
  text: string,
  values?: readonly unknown[],
  options?: { timeoutMs?: number },
) => Promise<QueryResultLike | undefined>;

/**
 * The only door to the database through which an inbox sends statements, so that something else than a pool
 * can take its place, such as the connection of an ORM.
 *
 * @typeParam Extras what a transaction adds to the context of the handler
 */
export interface SqlExecutor<Extras> {
  query: SqlQuery;
  /**
   * Runs the work in a transaction. It is committed if the work resolves, and rolled back if it rejects or a query of the
   * handler has failed, even if the handler caught the error.
   *
   * @throws the error of the work, or an error of the database
   */
  transaction<Result>(work: (extras: Extras, query: SqlQuery) => Promise<Result>): Promise<Result>;
}
