import { randomUUID } from "node:crypto";

import { type TransactionResult, WebhookError } from "@ahasend-webhooks/core";

import { type ClientLike, type PoolLike, QUERY_TIMEOUT_MS, type QueryResultLike } from "./pg-like.js";
import { explainError, readSqlStates } from "./errors.js";
import { createTransactionClient } from "./transaction-client.js";
import { parseResult } from "./parse-result.js";
import type { TableName } from "./table.js";

/** Settings of one transaction. */
export interface TransactionSettings {
  /** Writes the receipt, or says why not: see `receipt` of the statements. */
  receipt: { text: string; values: unknown[] };
  /** The table of the receipts, for errors. */
  name: TableName;
  statementTimeoutMs: number;
  idleTimeoutMs: number;
  onWarning: (message: string) => void;
}

/** Serialization failure and deadlock: nobody's fault, the next attempt cures them. */
const TRANSIENT = ["40001", "40P01"];

/** The transaction is aborted, has ended or is another one, and a constraint that is checked at its end. */
const HANDLERS_FAULT = ["25P02", "25P01", "3B001"];
const INTEGRITY_VIOLATION = "23";

/**
 * Does the work in a transaction that begins with the receipt: both are kept, or neither. A copy of the delivery does
 * not wait for the transaction that has it, or duplicates would drain the pool.
 *
 * @throws what the work threw, after everything has been undone; any other error is the database's
 */
export async function runTransaction<Client extends ClientLike>(
  pool: PoolLike<Client>,
  { receipt, name, statementTimeoutMs, idleTimeoutMs, onWarning }: TransactionSettings,
  work: (extras: { client: Client }) => Promise<void>,
): Promise<TransactionResult> {
  const client = await pool.connect();
  assertClient(client);
  // Without a listener of its own, a client in use kills the process when the server goes.
  let onError: (error: Error) => void = () => undefined;
  const lost = new Promise<never>((_resolve, reject) => client.on("error", (onError = reject)));
  lost.catch(() => undefined);
  const query = async (text: string, values: unknown[] = []): Promise<QueryResultLike | undefined> => {
    try {
      return await client.query({ text, values, query_timeout: QUERY_TIMEOUT_MS });
    } catch (error) {
      throw explainError(error, name);
    }
  };
  const transactionClient = createTransactionClient(client, ({ message }) => onWarning(message));
  // Nobody else can have made a savepoint of this name: it proves which transaction is committed.
  const savepoint = `receipt_${randomUUID().replaceAll("-", "")}`;

  let spoilt: Error | undefined;
  try {
    await query(
      `BEGIN; SET LOCAL synchronous_commit = on; SET LOCAL statement_timeout = ${statementTimeoutMs}; ` +
        `SET LOCAL idle_in_transaction_session_timeout = ${idleTimeoutMs}; SAVEPOINT ${savepoint}`,
    );
    const { state, number } = parseResult(await query(receipt.text, receipt.values));
    if (state !== "claimed") {
      await query("ROLLBACK");
      return state === "done" ? { state } : { state, retryAfterMs: number };
    }
    await Promise.race([work({ client: transactionClient.client }), lost]);
    transactionClient.end();
    assertNothingRefused(transactionClient.refusal());
    // The savepoint is there only if this is still the transaction with the receipt, and not aborted.
    assertCommitted(await query(`RELEASE SAVEPOINT ${savepoint}; COMMIT`).catch(explainCommit));
    return { state: "committed" };
  } catch (error) {
    // What the handler has left running must not write on a connection that is another delivery's by then.
    transactionClient.end();
    await query("ROLLBACK").catch(() => undefined);
    spoilt = error instanceof Error ? error : new Error(String(error));
    throw findTransientError(error) ?? error;
  } finally {
    client.removeListener("error", onError);
    // A connection that breaks from now on is the pool's, or nobody's.
    if (spoilt !== undefined) client.on("error", () => undefined);
    client.release(spoilt);
  }
}

/** @throws {Error} for what a Client's or a wrapper's `connect` resolves to instead of a client */
function assertClient(client: ClientLike | undefined): void {
  const methods = ["query", "release", "on", "removeListener"];
  if (client && methods.every((method) => typeof Reflect.get(client, method) === "function")) return;
  throw new Error("pool.connect() did not resolve to a client: pass a pool of pg.");
}

/** @throws {WebhookError} `handler_failed` when the handler was refused something and kept it to itself */
function assertNothingRefused(refusal: Error | undefined): void {
  if (refusal === undefined) return;
  throw new WebhookError("handler_failed", `Nothing was kept. ${refusal.message}`, { cause: refusal });
}

/** @throws {Error} unless the server has said that it committed */
function assertCommitted(result: QueryResultLike | QueryResultLike[] | undefined): void {
  const last = Array.isArray(result) ? result.at(-1) : result;
  if (last?.command === "COMMIT") return;
  throw new Error(
    "PostgreSQL's answer to COMMIT is not readable: pass a pool whose results nothing changes.",
  );
}

/** @throws {WebhookError} `handler_failed` when nothing was kept, and why that is the handler's to fix */
function explainCommit(error: unknown): never {
  const [state = ""] = readSqlStates(error);
  if (HANDLERS_FAULT.includes(state)) {
    throw new WebhookError(
      "handler_failed",
      "The handler ended the transaction, or went on after a query had failed, so nothing was kept: leave COMMIT and ROLLBACK to the store, and let errors out or use a savepoint.",
      { cause: error },
    );
  }
  if (state.startsWith(INTEGRITY_VIOLATION)) {
    throw new WebhookError(
      "handler_failed",
      "What the handler wrote breaks a constraint, so nothing was kept: fix the handler.",
      { cause: error },
    );
  }
  throw error;
}

/** The collision that is behind an error, however it was wrapped. */
function findTransientError(error: unknown): Error | undefined {
  const state = readSqlStates(error).find((one) => TRANSIENT.includes(one));
  return state === undefined
    ? undefined
    : new Error(`PostgreSQL undid the transaction (${state}).`, { cause: error });
}
