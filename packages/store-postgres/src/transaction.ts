import { type TransactionResult, WebhookError } from "@ahasend-webhooks/core";

import { type ClientLike, type PoolLike, QUERY_TIMEOUT_MS } from "./client.js";
import { explained, sqlStates } from "./errors.js";

/** What a transaction is made with. */
export interface TransactionSettings {
  /** Writes the receipt, or says why not: see `receipt` of the statements. */
  receipt: { text: string; values: unknown[] };
  /** The table of the receipts, for errors. */
  table: string;
  statementTimeoutMs: number;
  idleTimeoutMs: number;
}

interface ReceiptRow {
  written: boolean;
  done: boolean;
  left_ms: number | null;
}

/** What another transaction may take: nothing says when it will end. */
const BUSY_MS = 1000;

/** Serialization failure and deadlock: nobody's fault, the next attempt cures them. */
const TRANSIENT = ["40001", "40P01"];

/** The transaction is aborted, over, or another one, and a constraint that is checked at its end. */
const HANDLERS_FAULT = ["25P02", "25P01", "3B001"];
const INTEGRITY_VIOLATION = "23";

/**
 * Does the work in a transaction that begins with the receipt: both are kept, or neither. A copy of the delivery does
 * not wait for the transaction that has it, or duplicates would drain the pool.
 *
 * @throws what the work threw, after everything has been undone; any other error is the database's
 */
export async function inTransaction<Client extends ClientLike>(
  pool: PoolLike<Client>,
  { receipt, table, statementTimeoutMs, idleTimeoutMs }: TransactionSettings,
  work: (extras: { client: Client }) => Promise<void>,
): Promise<TransactionResult> {
  const client = await pool.connect();
  // Without a listener of its own, a client in use kills the process when the server goes.
  let onError: (error: Error) => void = () => undefined;
  const lost = new Promise<never>((_resolve, reject) => client.on("error", (onError = reject)));
  lost.catch(() => undefined);
  const query = (text: string, values: unknown[] = []) =>
    client.query({ text, values, query_timeout: QUERY_TIMEOUT_MS }).catch((error: unknown) => {
      throw explained(error, table);
    });

  let spoilt: Error | undefined;
  try {
    await query(
      `BEGIN; SET LOCAL synchronous_commit = on; SET LOCAL statement_timeout = ${statementTimeoutMs}; ` +
        `SET LOCAL idle_in_transaction_session_timeout = ${idleTimeoutMs}; SAVEPOINT receipt`,
    );
    const { rows } = await query(receipt.text, receipt.values);
    const { written, done, left_ms } = rows[0] as ReceiptRow;
    if (!written) {
      await query("ROLLBACK");
      return done ? { state: "done" } : { state: "busy", retryAfterMs: left_ms ?? BUSY_MS };
    }
    await Promise.race([work({ client }), lost]);
    // The savepoint is there only if this is still the transaction with the receipt, and not aborted.
    await query("RELEASE SAVEPOINT receipt; COMMIT").catch(explainCommit);
    return { state: "committed" };
  } catch (error) {
    await query("ROLLBACK").catch(() => undefined);
    // What the handler has left running must not write on a connection that is another delivery's by then.
    spoilt = error instanceof Error ? error : new Error(String(error));
    throw transientCause(error) ?? error;
  } finally {
    client.removeListener("error", onError);
    // A connection that breaks from now on is the pool's, or nobody's.
    if (spoilt !== undefined) client.on("error", () => undefined);
    client.release(spoilt);
  }
}

/** @throws {WebhookError} `handler_failed` when nothing was kept, and why that is the handler's to mend */
function explainCommit(error: unknown): never {
  const [state = ""] = sqlStates(error);
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
      "What the handler wrote breaks a constraint, so nothing was kept: mend the handler.",
      { cause: error },
    );
  }
  throw error;
}

/** The collision that is behind an error, however it was wrapped. */
function transientCause(error: unknown): Error | undefined {
  const state = sqlStates(error).find((one) => TRANSIENT.includes(one));
  return state === undefined
    ? undefined
    : new Error(`PostgreSQL undid the transaction (${state}).`, { cause: error });
}
