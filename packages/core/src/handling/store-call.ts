import { WebhookError } from "../errors.js";
import { REFUSALS } from "../refusals.js";
import { isPromiseLike } from "../promise-like.js";
import { withTimeout } from "../with-timeout.js";

/** The time limit for one operation of a store: the sender waits 5 s in all. */
export const OPERATION_MS = 1000;

/**
 * Returns the result of a store's operation: not a promise if the store does not return one.
 *
 * @throws {WebhookError} `store_unavailable` if it fails or takes too long
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

/** Calls a store and ignores its failure. */
export async function callStoreQuietly(operation: () => Promise<void> | void): Promise<void> {
  try {
    await callStore(operation);
  } catch {
    // Ignored: nothing depends on it.
  }
}

/** Creates the refusal for an error of the store. */
export function storeUnavailable(cause: unknown): WebhookError {
  return new WebhookError("store_unavailable", REFUSALS.store_unavailable.message, { cause });
}
