import { WebhookError } from "@ahasend-webhooks/core";

import type { ConnectionLike, PoolLike } from "./mysql-like.js";
import { connect, runStatement } from "./connection.js";
import { createEndedError, createLostError, findTransientError } from "../errors.js";
import { createUnfinishedError, destroy } from "./unusable-connection.js";
import type { SqlQuery } from "../executors/sql-executor.js";
import type { WorkResult } from "./database.js";
import { type Session, type SessionSettings, openSession } from "./session.js";
import { createTransactionClient } from "./transaction-client.js";
import type { TableName } from "../table.js";

/** Settings of one transaction. */
export interface TransactionSettings extends SessionSettings {
  /** The table of the receipts, for error messages. */
  name: TableName;
  onWarning: (message: string) => void;
}

/**
 * Each statement belongs to a transaction: if a deadlock rolls one back whose error the handler catches, what follows is not
 * committed by itself.
 */
const AUTOCOMMIT_OFF = () => ["autocommit", 0] as const;

/**
 * Runs the work in a transaction while a lock is held. The lock keeps duplicates from waiting for the transaction, because
 * they could use up the pool; the row of the receipt is what keeps effects from existing twice.
 *
 * @param lockName an expression, the name of the lock
 * @returns the result of the work, or `undefined` if another connection holds the lock
 * @throws the error of the work, after the transaction was rolled back; any other error comes from the database
 */
export async function runTransaction<Client extends object, Result>(
  pool: PoolLike<Client>,
  settings: TransactionSettings,
  lockName: string,
  work: (extras: { client: Client }, run: SqlQuery) => Promise<WorkResult<Result>>,
): Promise<Result | undefined> {
  const connection = await connect(pool);
  const run = (sql: string) => runStatement(connection, sql, settings.name);
  // Without a listener, a connection that breaks ends the process.
  let onError: (error: Error) => void = () => undefined;
  const lost = new Promise<never>((_resolve, reject) => {
    // The driver rejects the query of the handler with the same error, which is not the handler's.
    connection.on("error", (onError = (error) => reject(createLostError(error))));
  });
  lost.catch(() => undefined);
  const guarded = createTransactionClient(readClient(pool, connection), ({ message }) =>
    settings.onWarning(message),
  );

  let session: Session | undefined;
  let isUsable = false;
  try {
    session = await openSession(run, lockName, settings, AUTOCOMMIT_OFF);
    if (session === undefined) {
      isUsable = true;
      return undefined;
    }
    if ((await run(session.begin)).isInTransaction === true) throw createUnfinishedError();
    const { result, probe } = await Promise.race([work({ client: guarded.client }, run), lost]);
    guarded.end();
    assertNothingRejected(guarded.rejection());
    if (probe !== undefined && (await run(probe)).affectedRows !== 1) throw createEndedError();
    await run("COMMIT");
    // The commit stands even if the connection breaks now.
    isUsable = await run(session.end).then(
      () => true,
      () => false,
    );
    return result;
  } catch (error) {
    // Queries that the handler did not await must not run on a connection that now belongs to another delivery.
    guarded.end();
    // At once: it may take a while until the server notices that the connection was destroyed.
    await undo(run, session).catch(() => undefined);
    throw findTransientError(error) ?? error;
  } finally {
    connection.removeListener("error", onError);
    if (isUsable) connection.release();
    else destroy(connection);
  }
}

/** Returns the connection as the pool of the application lends it. */
function readClient<Client extends object>(pool: PoolLike<Client>, connection: ConnectionLike): Client {
  return ("promise" in pool ? Reflect.get(connection, "connection") : connection) as Client;
}

async function undo(run: SqlQuery, session: Session | undefined): Promise<void> {
  if (session === undefined) return;
  await run("ROLLBACK");
  await run(session.end);
}

/** @throws {WebhookError} `handler_failed` if a query of the handler was rejected and it caught the error */
function assertNothingRejected(rejection: Error | undefined): void {
  if (rejection === undefined) return;
  throw new WebhookError("handler_failed", `The transaction was rolled back. ${rejection.message}`, {
    cause: rejection,
  });
}
