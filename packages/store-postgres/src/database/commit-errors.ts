import { WebhookError } from "@ahasend-webhooks/core";

import { readSqlStates } from "../errors.js";

/** Serialization failure and deadlock: the next attempt can succeed. */
const TRANSIENT = ["40001", "40P01"];

/** The transaction is aborted, has ended, or is another one: the handler caused it. */
const HANDLER_ERRORS = ["25P02", "25P01", "3B001"];
/** Class of the errors of deferred constraints, which are checked at COMMIT. */
const INTEGRITY_VIOLATION = "23";

/** Creates the error for a transaction that was ended or aborted by the handler. */
export function createEndedError(cause?: unknown): WebhookError {
  return new WebhookError(
    "handler_failed",
    "The handler ended the transaction, or continued after a failed query, so the transaction was rolled back: leave COMMIT and ROLLBACK to the store, and let errors propagate or use a savepoint.",
    { cause },
  );
}

/** Returns `handler_failed` if the handler caused the error of a COMMIT; otherwise the error itself. */
export function explainCommitError(error: unknown): unknown {
  const states = readSqlStates(error);
  if (states.some((state) => HANDLER_ERRORS.includes(state))) return createEndedError(error);
  if (states.some((state) => state.startsWith(INTEGRITY_VIOLATION))) {
    return new WebhookError(
      "handler_failed",
      "The handler's writes violate a constraint, so the transaction was rolled back: fix the handler.",
      { cause: error },
    );
  }
  return error;
}

const IDLE_TIMEOUT = "25P03";

/** Returns an error with the cure if the server has ended a transaction that was idle; otherwise the error itself. */
export function explainIdleTimeout(error: unknown): unknown {
  if (!readSqlStates(error).includes(IDLE_TIMEOUT)) return error;
  return new Error(
    'PostgreSQL ended the transaction, because the handler left it idle for longer than idleTimeoutSeconds: raise idleTimeoutSeconds, or use mode: "lease" for handlers that call other services.',
    { cause: error },
  );
}

/** Returns an error if the cause is a conflict with another transaction, even if a query builder has wrapped it. */
export function findTransientError(error: unknown): Error | undefined {
  const state = readSqlStates(error).find((candidate) => TRANSIENT.includes(candidate));
  return state === undefined
    ? undefined
    : new Error(
        `PostgreSQL rolled back the transaction because of a conflict (SQLSTATE ${state}): the delivery is retried.`,
        { cause: error },
      );
}
