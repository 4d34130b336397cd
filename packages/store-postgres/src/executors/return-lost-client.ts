/** A pool of pg, as far as it is called. */
interface ClientPool {
  readonly totalCount: number;
  connect: (...args: unknown[]) => Promise<{ release: (error: Error) => void }>;
}

/**
 * Starts a transaction on a pool of pg, and returns its client to the pool if the transaction has not begun. Drizzle 0.45 loses the client
 * if BEGIN fails (drizzle-team/drizzle-orm#6241): after a few outages, the pool would have none left.
 *
 * @param pool anything: what is not a pool of pg changes nothing
 * @param start asks the pool for a client before it returns
 * @param hasBegun returns whether the library returns the client by itself
 */
export async function returnLostClient<Result>(
  pool: unknown,
  start: () => Promise<Result>,
  hasBegun: () => boolean,
): Promise<Result> {
  if (!isClientPool(pool)) return start();
  const { result, release } = watchConnect(pool, start);
  try {
    return await result;
  } catch (error) {
    if (!hasBegun()) await release?.(error instanceof Error ? error : new Error(String(error)));
    throw error;
  }
}

/** Calls `start`, and returns how to release the client that it has asked for. The pool is as before when this returns. */
function watchConnect<Result>(pool: ClientPool, start: () => Promise<Result>) {
  let release: ((error: Error) => Promise<void>) | undefined;
  const before = Object.getOwnPropertyDescriptor(pool, "connect");
  const { connect } = pool;
  const watched: ClientPool["connect"] = (...args) => {
    const connecting = Reflect.apply(connect, pool, args);
    // The function of this checkout: the one of a later checkout would take the client from another delivery.
    const releasing = connecting.then((client) => client.release);
    release = async (error) => {
      try {
        (await releasing)(error);
      } catch {
        // There was no connection, or the library has released the client.
      }
    };
    releasing.catch(() => undefined);
    return connecting;
  };
  Object.defineProperty(pool, "connect", { configurable: true, value: watched });
  try {
    return { result: start(), release };
  } finally {
    if (before === undefined) Reflect.deleteProperty(pool, "connect");
    else Object.defineProperty(pool, "connect", before);
  }
}

function isClientPool(pool: unknown): pool is ClientPool {
  if (typeof pool !== "object" || pool === null || !Object.isExtensible(pool)) return false;
  return "connect" in pool && typeof pool.connect === "function" && "totalCount" in pool;
}
