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
        const tx = guardClosed(connection, () => isClosed);
        try {
          result = { value: await work(tx, toQuery(tx)) };
        } catch (error) {
          await nextTurn();
          // The ROLLBACK of postgres.js on a closed connection would end the process.
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

/**
 * Wraps a transaction so that it cannot be used when its connection has closed: postgres.js 3.4 would end the process, or send
 * the query outside of the transaction (https://github.com/porsager/postgres/issues/1208).
 */
function guardClosed<Tx extends PostgresJsSession>(tx: Tx, isClosed: () => boolean): Tx {
  const assertOpen = () => {
    if (isClosed())
      throw new Error("The transaction of this delivery has ended: await every query in the handler.");
  };
  return new Proxy(tx, {
    apply(target, thisArgument, args) {
      assertOpen();
      return Reflect.apply(target as never, thisArgument, args);
    },
    get(target, property) {
      assertOpen();
      return Reflect.get(target, property, target) as unknown;
    },
  });
}

async function nextTurn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
