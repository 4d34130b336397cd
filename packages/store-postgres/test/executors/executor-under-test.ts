import type { SqlExecutor } from "../../src/index.js";

/** Connections of a library: few, because each is a process of the server, and fewer than copies that come at once. */
export const MAX_CONNECTIONS = 4;

/** An executor of a real library, which is connected. */
export interface ExecutorUnderTest {
  executor: SqlExecutor<never>;
  /** Writes a row into the table `effects`, as the library's users do. */
  write: (tx: never, delivery: string) => PromiseLike<unknown>;
  /** Runs SQL in a transaction. */
  run: (tx: never, sql: string) => PromiseLike<unknown>;
  close: () => Promise<unknown>;
}

/** Pairs an executor with functions that take its transaction. */
export function toExecutorUnderTest<Tx>(
  executor: SqlExecutor<Tx>,
  users: {
    write: (tx: Tx, delivery: string) => PromiseLike<unknown>;
    run: (tx: Tx, sql: string) => PromiseLike<unknown>;
    close: () => Promise<unknown>;
  },
): ExecutorUnderTest {
  return { executor, ...users } as unknown as ExecutorUnderTest;
}
