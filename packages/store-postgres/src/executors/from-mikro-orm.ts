import { toQuestionMarks } from "./numbered-parameters.js";
import type { SqlExecutor, SqlQuery } from "./sql-executor.js";

/** An EntityManager of MikroORM on PostgreSQL, as far as it is called. */
export interface MikroOrmLike {
  execute(text: string, values?: unknown[]): Promise<unknown>;
  flush(): Promise<void>;
  transactional<Result>(work: (em: this) => Promise<Result>): Promise<Result>;
}

/**
 * Creates the executor of MikroORM. Handlers get the EntityManager of the transaction as `context.tx`.
 *
 * @example
 * postgresStore(fromMikroOrm(orm.em), { mode: "transaction" });
 */
export function fromMikroOrm<Em extends MikroOrmLike>(em: Em): SqlExecutor<Em> {
  const toQuery =
    (session: MikroOrmLike): SqlQuery =>
    async (text, values) => {
      const statement = toQuestionMarks(text, values);
      // Without values, it takes `?` as it is.
      if (values.length === 0) statement.text = text;
      return (await session.execute(statement.text, statement.values)) as unknown[];
    };
  return {
    query: toQuery(em),
    transaction: async (work) =>
      em.transactional(async (tx) => {
        const query = toQuery(tx);
        return work(tx, async (...statement) => {
          // What the handler has changed is written before the store makes sure that it can be committed.
          await tx.flush();
          return query(...statement);
        });
      }),
  };
}
