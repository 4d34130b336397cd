import { guardEnded } from "./guard-ended.js";

/** A database or transaction of Drizzle, as far as it is called. */
export interface DrizzleLike<Tx extends DrizzleSession> extends DrizzleSession {
  transaction: <Result>(work: (tx: Tx) => Promise<Result>) => Promise<Result>;
}

/** Runs statements of Drizzle. */
export interface DrizzleSession {
  execute(statement: never): PromiseLike<unknown>;
}

/** Runs the work in a transaction of Drizzle that refuses to be used when it has ended. */
export function runDrizzleTransaction<Tx extends DrizzleSession, Result>(
  database: DrizzleLike<Tx>,
  work: (tx: Tx) => Promise<Result>,
): Promise<Result> {
  return database.transaction(async (tx) => {
    let hasEnded = false;
    return work(guardEnded(tx, () => hasEnded)).finally(() => (hasEnded = true));
  });
}
