import { guardEnded } from "@ahasend-webhooks/core/sql";

import type { SqlExecutor, SqlQuery } from "./sql-executor.js";

/** The function `sql` of postgres.js, as far as it is called. */
export interface PostgresJsLike<Tx extends PostgresJsSession> extends PostgresJsSession {
  begin: {
    (work: (tx: Tx) => Promise<void>): Promise<unknown>;
    (options: string, work: (tx: Tx) => Promise<void>): Promise<unknown>;
  };
}

/** Runs statements of postgres.js. */
export interface PostgresJsSession {
  unsafe(text: string, values?: never, options?: { prepare: boolean }): PromiseLike<unknown[]>;
}

/**
 * Creates the executor of postgres.js. Handlers get the `sql` of the transaction as `context.tx`.
 *
 * @example
 * postgresStore(fromPostgresJs(postgres(url)), { mode: "transaction" });
 */
export function fromPostgresJs<Tx extends PostgresJsSession>(sql: PostgresJsLike<Tx>): SqlExecutor<Tx> {
  const toQuery =
    (session: PostgresJsSession): SqlQuery =>
    async (text, values) =>
      // Otherwise it asks for the types of the parameters in a round trip of its own.
      [...(await session.unsafe(text, [...values] as never, { prepare: true }))];
  return {
    query: toQuery(sql),
    async transaction(work) {
      // `begin` resolves what it is given, so that the result is passed beside it.
      let result: { value: Awaited<ReturnType<typeof work>> } | undefined;
      let isClosed = false;
      const transaction = sql.begin(async (connection) => {
        let hasEnded = false;
        const tx = guardEnded(connection, () => hasEnded || isClosed);
        try {
          result = { value: await work(tx, toQuery(tx)).finally(() => (hasEnded = true)) };
        } catch (error) {
          await nextTurn();
          // postgres.js 3.4 ends the process when it sends ROLLBACK on a closed connection (porsager/postgres#1208).
          if (isClosed) await new Promise(() => undefined);
          throw error;
        }
      });
      // It rejects as soon as the connection closes, while the work still runs.
      await transaction.finally(() => (isClosed = true));
      if (result === undefined)
        throw new Error("postgres.js has not run the transaction: use its own sql.begin().");
      return result.value;
    },
  };
}

async function nextTurn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
