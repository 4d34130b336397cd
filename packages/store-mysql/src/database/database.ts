import type { SqlQuery } from "../executors/sql-executor.js";

/** The end of the work of a transaction. */
export interface WorkResult<Result> {
  result: Result;
  /**
   * A statement that must change exactly one row if the receipt is still in the transaction. It runs when the handler can no
   * longer use the connection, before the commit.
   */
  probe?: string;
}

/**
 * The only door to the database through which the store sends statements.
 *
 * @typeParam Extras what a transaction adds to the context of the handler
 */
export interface Database<Extras> {
  /** Runs work on one connection, where each statement is committed by itself. */
  autocommit<Result>(work: (run: SqlQuery) => Promise<Result>): Promise<Result>;
  /**
   * Runs work in a transaction while a lock is held. It is committed if the work resolves and its probe changes one row,
   * and rolled back otherwise.
   *
   * @param lockName an expression, the name of the lock
   * @returns the result of the work, or `undefined` without having run it if another connection holds the lock
   * @throws the error of the work, `handler_failed` if the handler has ended the transaction, or an error of the database
   */
  transaction<Result>(
    lockName: string,
    work: (extras: Extras, run: SqlQuery) => Promise<WorkResult<Result>>,
  ): Promise<Result | undefined>;
}
