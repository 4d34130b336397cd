import { randomUUID } from "node:crypto";

import { WebhookError } from "@ahasend-webhooks/core";

import {
  type ClientLike,
  type PoolLike,
  QUERY_TIMEOUT_MS,
  type QueryResultLike,
  STRINGS,
} from "./pg-like.js";
import { explainError } from "../errors.js";
import type { TableName } from "../table.js";
import { explainCommitError, explainIdleTimeout, findTransientError } from "./commit-errors.js";
import {
  type RunStatement,
  type Statement,
  type TransactionWork,
  UNEXPECTED_RESULT,
  assertRows,
} from "./database.js";
import { inlineValues } from "./inline-values.js";
import { createTransactionClient } from "./transaction-client.js";

/** Settings of one transaction. */
export interface TransactionSettings {
  /** The table of the receipts, for error messages. */
  name: TableName;
  statementTimeoutMs: number;
  idleTimeoutMs: number;
  onWarning: (message: string) => void;
}

type Results = QueryResultLike | QueryResultLike[] | undefined;

/**
 * Runs a statement and then the work in a transaction, which is committed if the work resolves and no query of the client was
 * rejected.
 *
 * @param first travels with BEGIN
 * @param work uses `query` for the store's own statements, and lends `client` to the handler
 * @throws the error of the work, after the transaction was rolled back; any other error comes from the database
 */
export async function runTransaction<Client extends ClientLike, Result>(
  pool: PoolLike<Client>,
  { name, statementTimeoutMs, idleTimeoutMs, onWarning }: TransactionSettings,
  first: Statement,
  work: TransactionWork<{ client: Client }, Result>,
): Promise<Result> {
  const client = await pool.connect();
  assertClient(client);
  // Without a listener, a checked-out client ends the process when its connection breaks.
  const lost = new AbortController();
  const onError = (error: Error) => lost.abort(explainIdleTimeout(error));
  client.on("error", onError);
  const ended = new Promise<never>((_resolve, reject) =>
    lost.signal.addEventListener("abort", () => reject(lost.signal.reason as Error)),
  );
  ended.catch(() => undefined);
  const query = async (text: string, values: readonly unknown[] = [], timeoutMs = QUERY_TIMEOUT_MS) => {
    try {
      return await client.query({ text, values: [...values], query_timeout: timeoutMs, types: STRINGS });
    } catch (error) {
      throw explainError(error, name);
    }
  };
  const runStatement: RunStatement = async (text, values, { timeoutMs } = {}) =>
    assertRows((await query(text, values, timeoutMs))?.rows);
  const guarded = createTransactionClient(client, ({ message }) => onWarning(message));
  // The name is unique: the savepoint proves which transaction is committed.
  const savepoint = `receipt_${randomUUID().replaceAll("-", "")}`;

  let failure: Error | undefined;
  try {
    // One message: if a statement fails, the server ignores those that follow, and none runs outside of the transaction.
    const opened = await query(
      `BEGIN; SET LOCAL synchronous_commit = on; SET LOCAL statement_timeout = ${statementTimeoutMs}; ` +
        `SET LOCAL idle_in_transaction_session_timeout = ${idleTimeoutMs}; ` +
        `${inlineValues(first)}; SAVEPOINT ${savepoint}`,
    );
    const rows = readAllRows(opened);
    const working = work({ client: guarded.client }, rows, runStatement, lost.signal);
    const result = await Promise.race([working, ended]);
    guarded.end();
    assertNothingRejected(guarded.rejection());
    // The savepoint exists only if this is still the transaction with the receipt, and not aborted.
    const committed = await query(`RELEASE SAVEPOINT ${savepoint}; COMMIT`).catch((error: unknown) => {
      throw explainCommitError(error);
    });
    assertCommitted(committed);
    return result;
  } catch (error) {
    // Queries that the handler did not await must not run on a connection that now belongs to another delivery.
    guarded.end();
    // The answer comes after those of all queries of the handler. Its locks may outlive the transaction.
    const undone = query("ROLLBACK; SELECT pg_advisory_unlock_all()").then(isRolledBack);
    const isUsable = await undone.catch(() => false);
    if (!isUsable) failure = error instanceof Error ? error : new Error(String(error));
    throw findTransientError(error) ?? error;
  } finally {
    client.removeListener("error", onError);
    // The client is destroyed: errors of its connection no longer matter, but need a listener.
    if (failure !== undefined) client.on("error", () => undefined);
    client.release(failure);
  }
}

/** @throws {Error} if `connect` resolved to something else, as that of a single Client or a wrapper does */
function assertClient(client: ClientLike | undefined): void {
  const methods = ["query", "release", "on", "removeListener"];
  if (client && methods.every((method) => typeof Reflect.get(client, method) === "function")) return;
  throw new Error("pool.connect() did not resolve to a client: pass a pool of pg (new Pool()).");
}

/** @throws {WebhookError} `handler_failed` if a query of the handler was rejected and it caught the error */
function assertNothingRejected(rejection: Error | undefined): void {
  if (rejection === undefined) return;
  throw new WebhookError("handler_failed", `The transaction was rolled back. ${rejection.message}`, {
    cause: rejection,
  });
}

/** Returns the rows of all statements of a message. @throws {Error} if a result is something else than rows */
function readAllRows(results: Results): readonly unknown[] {
  if (!Array.isArray(results)) throw new Error(UNEXPECTED_RESULT);
  return results.flatMap((result: QueryResultLike | undefined) => assertRows(result?.rows));
}

/** Returns whether the server has confirmed the rollback, so that the connection can serve another delivery. */
function isRolledBack(results: Results): boolean {
  return Array.isArray(results) && results[0]?.command === "ROLLBACK";
}

/** @throws {Error} unless the server has confirmed the commit */
function assertCommitted(result: Results): void {
  const last = Array.isArray(result) ? result.at(-1) : result;
  if (last?.command === "COMMIT") return;
  throw new Error(UNEXPECTED_RESULT);
}
