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
      const options = { type: "SELECT", raw: true, transaction };
      if (values.length === 0) return (await sequelize.query(text, options as never)) as unknown[];
      const { parts, values: bind } = splitParameters(text, values);
      // A `$` that is not a parameter is escaped by another one.
      const escaped = parts.map((part) => part.replaceAll("$", "$$$$"));
      const sql = escaped.reduce((before, part, index) => `${before}$${index}${part}`);
      return (await sequelize.query(sql, { ...options, bind } as never)) as unknown[];
    };
  return {
    query: toQuery(null),
    transaction: async (work) => sequelize.transaction(async (tx) => work(tx, toQuery(tx))),
  };
}
