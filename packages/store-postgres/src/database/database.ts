/** Options of a statement. */
export interface StatementOptions {
  timeoutMs?: number;
  /**
   * A name of what it does. A connection plans it once under this name, if the library can do that: planning a short statement
   * takes as long as running it.
   */
  preparedAs?: string;
}

/** Runs one statement with parameters `$1`, `$2`, … and resolves to its rows. */
export type RunStatement = (
  text: string,
  values?: readonly unknown[],
  options?: StatementOptions,
) => Promise<readonly unknown[]>;

/** A statement with the values of its parameters `$1`, `$2`, … */
export interface Statement {
  text: string;
  values: readonly (string | number | null)[];
}

/**
 * The work of a transaction. `rows` are those of its first statement, `query` runs more, and `lost` fires if its connection
 * breaks and the database notices.
 */
export type TransactionWork<Extras, Result> = (
  extras: Extras,
  rows: readonly unknown[],
  query: RunStatement,
  lost?: AbortSignal,
) => Promise<Result>;

/**
 * The only door to the database through which a store or an inbox sends statements: a pool of pg, or an executor.
 *
 * @typeParam Extras what a transaction adds to the context of the handler
 */
export interface Database<Extras> {
  /** Connections that it opens at most, if that is known. */
  maxConnections?: number | undefined;
  query: RunStatement;
  /** Runs statements without parameters in one transaction. @throws the error of the database as it is */
  script(statements: readonly string[]): Promise<void>;
  /**
   * Runs a statement and then the work in a transaction. The statement may travel with its beginning. It is committed if the work resolves, and rolled back if it rejects, or if a query has
   * failed whose error the handler caught.
   *
   * @throws the error of the work, `handler_failed` if the handler ended or broke the transaction, or an error of the
   * database
   */
  transaction<Result>(first: Statement, work: TransactionWork<Extras, Result>): Promise<Result>;
}

/** @throws {Error} if a statement returned something else than rows, which must never pass for a receipt */
export function assertRows(rows: unknown): readonly unknown[] {
  if (Array.isArray(rows)) return rows as readonly unknown[];
  throw new Error(UNEXPECTED_RESULT);
}

export const UNEXPECTED_RESULT =
  "PostgreSQL returned an unexpected result for a statement of the store: pass a pool or executor that does not transform results.";
