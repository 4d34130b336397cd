import type { ConnectionLike } from "./mysql-like.js";

/** Creates the error for a connection that came out of the pool in a transaction. */
export function createUnfinishedError(): Error {
  return new Error(
    "A connection of the pool is in a transaction that somebody has not ended, or has autocommit switched off: end transactions before release(), and pass a pool with autocommit.",
  );
}

/** Ends a connection, and so its transaction. Later errors of it no longer matter, but need a listener. */
export function destroy(connection: ConnectionLike): void {
  connection.on("error", () => undefined);
  connection.destroy();
}
