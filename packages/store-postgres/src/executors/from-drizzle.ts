import { type DrizzleLike, type DrizzleSession, runDrizzleTransaction } from "@ahasend-webhooks/core/sql";

import { splitParameters } from "./numbered-parameters.js";
import { returnLostClient } from "./return-lost-client.js";
import type { SqlExecutor, SqlQuery } from "./sql-executor.js";

/** The template tag `sql` of Drizzle, as far as it is called. */
export type DrizzleSql = (strings: TemplateStringsArray, ...parameters: never[]) => unknown;

/**
 * Creates the executor of a Drizzle database. Handlers get its transaction as `context.tx`.
 *
 * @param sql the template tag of `drizzle-orm`
 *
 * @example
 * postgresStore(fromDrizzle(drizzle(pool), sql), { mode: "transaction" });
 */
export function fromDrizzle<Tx extends DrizzleSession>(
  database: DrizzleLike<Tx>,
  sql: DrizzleSql,
): SqlExecutor<Tx> {
  const toQuery =
    (session: DrizzleSession): SqlQuery =>
    async (text, values) => {
      const split = splitParameters(text, values);
      const strings = Object.assign([...split.parts], { raw: split.parts });
      const statement = sql(strings, ...(split.values as never[]));
      const result = await session.execute(statement as never);
      // Of pg an object with rows, of postgres.js the rows.
      return (Array.isArray(result) ? result : (result as { rows: unknown[] }).rows) as unknown[];
    };
  return {
    query: toQuery(database),
    transaction: async (work) => {
      let hasBegun = false;
      const start = async () =>
        runDrizzleTransaction(database, async (tx) => {
          hasBegun = true;
          return work(tx, toQuery(tx));
        });
      return returnLostClient(Reflect.get(database, "$client"), start, () => hasBegun);
    },
  };
}
