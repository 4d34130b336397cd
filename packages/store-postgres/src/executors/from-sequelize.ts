import { splitParameters } from "./numbered-parameters.js";
import type { SqlExecutor, SqlQuery } from "./sql-executor.js";

/** An instance of Sequelize, as far as it is called. */
export interface SequelizeLike<Tx> {
  query(text: string, options: never): Promise<unknown>;
  transaction: {
    <Result>(options: never, work: (tx: Tx) => PromiseLike<Result>): Promise<Result>;
    <Result>(work: (tx: Tx) => PromiseLike<Result>): Promise<Result>;
    (options?: never): Promise<Tx>;
  };
}

/**
 * Creates the executor of an instance of Sequelize. Handlers get its transaction as `context.tx`, which they pass on:
 * `Suppression.create(values, { transaction: tx })`.
 *
 * @example
 * postgresStore(fromSequelize(sequelize), { mode: "transaction" });
 */
export function fromSequelize<Tx>(sequelize: SequelizeLike<Tx>): SqlExecutor<Tx> {
  const toQuery =
    (transaction: Tx | null): SqlQuery =>
    async (text, values) => {
      const split = splitParameters(text, values);
      // With values, a `$` that is not a parameter is escaped by another one.
      const escaped = split.parts.map((part) => part.replaceAll("$", "$$$$"));
      const bound = escaped.map((part, index) => (index === 0 ? part : `$${index}${part}`)).join("");
      const statement = values.length === 0 ? { sql: text } : { sql: bound, bind: split.values };
      const { sql, ...bind } = statement;
      return (await sequelize.query(sql, {
        type: "SELECT",
        raw: true,
        transaction,
        ...bind,
      } as never)) as unknown[];
    };
  return {
    query: toQuery(null),
    transaction: async (work) => sequelize.transaction(async (tx) => work(tx, toQuery(tx))),
  };
}
