/** Time limit of the store's own statements: a network that drops the result must not hold the connection. */
const STATEMENT_TIMEOUT_MS = 5000;

/** @throws {Error} if it takes longer than the time limit, also while it waits for an earlier query of the handler */
export async function limitTime<Result>(query: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    const error = new Error(`MySQL has not answered within ${STATEMENT_TIMEOUT_MS / 1000} seconds.`);
    timer = setTimeout(() => reject(error), STATEMENT_TIMEOUT_MS);
  });
  try {
    return await Promise.race([query, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
