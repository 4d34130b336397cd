import type { SqlExecutor, SqlQuery } from "./sql-executor.js";

/** A database of Kysely, as far as it is called. */
export interface KyselyLike<Tx extends KyselySession> extends KyselySession {
  transaction(): { execute: <Result>(work: (tx: Tx) => Promise<Result>) => Promise<Result> };
}

/** Runs statements of Kysely. */
export interface KyselySession {
  executeQuery(query: never): Promise<{ rows: unknown[] }>;
}

/**
 * Creates the executor of a Kysely database. Handlers get its transaction as `context.tx`.
 *
 * @example
 * postgresStore(fromKysely(db), { mode: "transaction" });
 */
export function fromKysely<Tx extends KyselySession>(database: KyselyLike<Tx>): SqlExecutor<Tx> {
  const toQuery =
    (session: KyselySession): SqlQuery =>
    async (text, parameters) => {
      // What Kysely's CompiledQuery.raw() creates.
      const query = { kind: "RawNode", sqlFragments: [text], parameters: [] };
      const compiled = { sql: text, parameters, query, queryId: { queryId: "ahasend" } };
      const { rows } = await session.executeQuery(compiled as never);
      return rows;
    };
  return {
    query: toQuery(database),
    transaction: async (work) => database.transaction().execute(async (tx) => work(tx, toQuery(tx))),
  };
}
