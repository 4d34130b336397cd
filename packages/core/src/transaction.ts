import type { Lease, Taken } from "./dedupe.js";
import { isWebhookError } from "./errors.js";
import { OPERATION_MS, reach, reachQuietly, storeUnavailable } from "./reach.js";
import type { TransactionResult, TransactionalStore } from "./stores/store.js";

/**
 * Tries to take a delivery by opening the store's transaction, which is kept open until the lease is completed or
 * released. Where all connections are in use it waits for one as long as it would for a copy in flight.
 *
 * @throws {WebhookError} `store_unavailable`
 */
export async function takeTransaction(
  store: TransactionalStore,
  key: string,
  waitMs: number,
): Promise<Taken> {
  let tooLate = false;
  let ended: Promise<TransactionResult> | undefined;
  try {
    return await reach(
      () =>
        new Promise<Taken>((resolve, reject) => {
          const work = (extras: unknown) =>
            new Promise<void>((keep, undo) => {
              // Nobody waits for it any more: the next attempt does the work.
              if (tooLate) undo(new Error("The transaction began too late."));
              else resolve({ state: "claimed", lease: leaseOf(extras, keep, undo, () => ended) });
            });
          ended = store.run(key, work);
          ended.then((result) => {
            if (result.state !== "committed") resolve(result);
          }, reject);
        }),
      Math.max(waitMs, OPERATION_MS),
    );
  } catch (error) {
    tooLate = true;
    throw error;
  }
}

function leaseOf(
  extras: unknown,
  keep: () => void,
  undo: (reason: unknown) => void,
  ended: () => Promise<TransactionResult> | undefined,
): Lease {
  return {
    // An attempt that fails leaves nothing behind, no count either.
    attempt: 1,
    ...(typeof extras === "object" && extras !== null && { extras }),
    async complete(work) {
      const outcome = work().then(keep, undo);
      try {
        await outcome;
        await ended();
        return undefined;
      } catch (error) {
        // What the work threw is its own; anything else is the store's, and the transaction may or may not be kept.
        throw isWebhookError(error) ? error : storeUnavailable(error);
      }
    },
    async release() {
      undo(new Error("The delivery is given back."));
      await reachQuietly(async () => void (await ended()));
    },
    abandon: undo,
  };
}
