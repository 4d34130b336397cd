import { WebhookError } from "./errors.js";
import { within } from "./within.js";

/** How long a store may take for one operation: the sender waits 5 s in all. */
export const OPERATION_MS = 1000;

/**
 * The result of a store's operation; no promise where the store needs none.
 *
 * @throws {WebhookError} `store_unavailable` when it fails or takes too long
 */
export function reach<T>(operation: () => Promise<T> | T, limitMs = OPERATION_MS): Promise<T> | T {
  const fail = (cause: unknown): never => {
    throw storeUnavailable(cause);
  };
  try {
    const result = operation();
    return isPromise(result) ? within(limitMs, result).catch(fail) : result;
  } catch (cause) {
    return fail(cause);
  }
}

/** Promises of another realm count as well: test runners have one of their own. */
function isPromise<T>(value: Promise<T> | T): value is Promise<T> {
  return typeof value === "object" && value !== null && "then" in value && "catch" in value;
}

/** The same where a failure changes nothing. */
export async function reachQuietly(operation: () => Promise<void> | void): Promise<void> {
  try {
    await reach(operation);
  } catch {
    // Nothing hangs on it.
  }
}

export function storeUnavailable(cause: unknown): WebhookError {
  return new WebhookError(
    "store_unavailable",
    "The idempotency store failed: AhaSend will try again; bring the store back, its own error is the cause.",
    { cause, retryAfterSeconds: 5 },
  );
}
