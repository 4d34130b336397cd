import { type TransactionResult, WebhookError, isWebhookError } from "@ahasend-webhooks/core";

import type { ClientLike, PoolLike } from "./client.js";
import { sqlState } from "./errors.js";

/** What a transaction is made with. */
export interface TransactionSettings {
  /** Writes the receipt, or says why not: see `receipt` of the statements. */
  receipt: { text: string; values: unknown[] };
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
const TRANSIENT = new Set(["40001", "40P01"]);

/**
 * Does the work in a transaction that begins with the receipt: both are kept, or neither. A copy of the delivery does
 * not wait for the transaction that has it, or duplicates would drain the pool.
 *
 * @throws what the work threw, after everything has been undone; any other error is the database's
 */
export async function inTransaction<Client extends ClientLike>(
  pool: PoolLike<Client>,
  { receipt, statementTimeoutMs, idleTimeoutMs }: TransactionSettings,
  work: (extras: { client: Client }) => Promise<void>,
): Promise<TransactionResult> {
  const client = await pool.connect();
  let broken: Error | undefined;
  // Without a listener of its own, a client in use kills the process when the server goes.
  const onError = (error: Error) => void (broken = error);
  client.on("error", onError);
  try {
    await client.query(
      `BEGIN; SET LOCAL synchronous_commit = on; SET LOCAL statement_timeout = ${statementTimeoutMs}; ` +
        `SET LOCAL idle_in_transaction_session_timeout = ${idleTimeoutMs}`,
    );
    const { rows } = await client.query(receipt.text, receipt.values);
    const { written, done, left_ms } = rows[0] as ReceiptRow;
    if (!written) {
      await client.query("ROLLBACK");
      return done ? { state: "done" } : { state: "busy", retryAfterMs: left_ms ?? BUSY_MS };
    }
    await work({ client });
    await commit(client);
    return { state: "committed" };
  } catch (error) {
    broken ??= await undo(client);
    throw broken ?? transientCause(error) ?? error;
  } finally {
    client.removeListener("error", onError);
    client.release(broken);
  }
}

/** @throws {WebhookError} `handler_failed` when the server rolled back instead, which it does without an error */
async function commit(client: ClientLike): Promise<void> {
  const { command } = await client.query("COMMIT");
  if (command === "COMMIT") return;
  throw new WebhookError(
    "handler_failed",
    "A query of the handler failed and the handler went on, so nothing was kept: let the error out, or use a savepoint.",
  );
}

/** Rolls back; returns the error of a client that cannot even do that. */
async function undo(client: ClientLike): Promise<Error | undefined> {
  try {
    await client.query("ROLLBACK");
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function transientCause(error: unknown): unknown {
  const cause = isWebhookError(error) ? error.cause : error;
  return TRANSIENT.has(sqlState(cause) ?? "") ? cause : undefined;
}
