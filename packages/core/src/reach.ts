import { WebhookError } from "./errors.js";
import { within } from "./within.js";

/** How long a store may take for one operation: the sender waits 5 s in all. */
export const OPERATION_MS = 1000;

/** The result of a store's operation. @throws {WebhookError} `store_unavailable` when it fails or takes too long */
export async function reach<T>(operation: () => Promise<T> | T, limitMs = OPERATION_MS): Promise<T> {
  try {
    const result = operation();
    return result instanceof Promise ? await within(limitMs, result) : result;
  } catch (cause) {
    throw storeUnavailable(cause);
  }
}

/** The same where a failure changes nothing. */
export async function reachQuietly(operation: () => Promise<void> | void): Promise<void> {
  await reach(operation).catch(() => undefined);
}

export function storeUnavailable(cause: unknown): WebhookError {
  return new WebhookError(
    "store_unavailable",
    "The idempotency store failed: AhaSend will try again; bring the store back, its own error is the cause.",
    { cause, retryAfterSeconds: 5 },
  );
}
