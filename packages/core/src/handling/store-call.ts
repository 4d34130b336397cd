import { WebhookError } from "../errors.js";
import { REFUSALS } from "../refusals.js";
import { isPromiseLike } from "../promise-like.js";
import { withTimeout } from "../with-timeout.js";

/** How long a store may take for one operation: the sender waits 5 s in all. */
export const OPERATION_MS = 1000;

/**
 * The result of a store's operation; not a promise where the store needs none.
 *
 * @throws {WebhookError} `store_unavailable` when it fails or takes too long
 */
export function callStore<T>(operation: () => PromiseLike<T> | T, limitMs = OPERATION_MS): Promise<T> | T {
  const fail = (cause: unknown): never => {
    throw storeUnavailable(cause);
  };
  try {
    const result = operation();
    return isPromiseLike(result) ? withTimeout(limitMs, result).catch(fail) : result;
  } catch (cause) {
    return fail(cause);
  }
}

/** The same where a failure changes nothing. */
export async function callStoreQuietly(operation: () => Promise<void> | void): Promise<void> {
  try {
    await callStore(operation);
  } catch {
    // Nothing depends on it.
  }
}

export function storeUnavailable(cause: unknown): WebhookError {
  return new WebhookError("store_unavailable", REFUSALS.store_unavailable.message, { cause });
}
