import { toQuestionMarks } from "./numbered-parameters.js";
import type { SqlExecutor, SqlQuery } from "./sql-executor.js";

/** A Knex instance, as far as it is called. */
export interface KnexLike<Tx extends KnexSession> extends KnexSession {
  transaction: <Result>(work: (tx: Tx) => Promise<Result>) => Promise<Result>;
}

/** Runs statements of Knex. */
export interface KnexSession {
  raw(text: string, bindings: never): PromiseLike<unknown>;
}

/**
 * Creates the executor of a Knex instance. Handlers get its transaction as `context.tx`.
 *
 * @example
 * postgresStore(fromKnex(knex({ client: "pg", connection })), { mode: "transaction" });
 */
export function fromKnex<Tx extends KnexSession>(knex: KnexLike<Tx>): SqlExecutor<Tx> {
  const toQuery =
    (session: KnexSession): SqlQuery =>
    async (...statement) => {
      const { text, values } = toQuestionMarks(...statement);
      const result = (await session.raw(text, values as never)) as { rows: unknown[] };
      return result.rows;
    };
  return {
    query: toQuery(knex),
    transaction: async (work) => knex.transaction(async (tx) => work(tx, toQuery(tx))),
  };
}
