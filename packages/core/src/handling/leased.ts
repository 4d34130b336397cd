import type { ClaimResult } from "./lease.js";
import { type WebhookError, isWebhookError } from "../errors.js";
import { callStore, callStoreQuietly } from "./store-call.js";
import { toClaim } from "../stores/replies.js";
import type { Claim, IdempotencyStore } from "../stores/store.js";

// After a crash the second attempt (+1 s) meets the dead owner's lease, the third (+16 s) takes over.
export const LEASE_MS = 15_000;
const RENEW_MS = 5_000;
/** The pauses before further tries to write a receipt. */
const COMMIT_PAUSES_MS = [50, 500];

/**
 * Tries to claim a delivery under a lease that is renewed until it is completed, released or abandoned.
 *
 * @throws {WebhookError} `store_unavailable`
 */
export async function claimLeased(store: IdempotencyStore, key: string, token: string): Promise<ClaimResult> {
  let reply: PromiseLike<Claim> | Claim | undefined;
  let claim: Claim;
  try {
    const settled = await callStore(() => (reply = store.claim(key, token, LEASE_MS)));
    claim = await callStore(() => toClaim(settled));
  } catch (error) {
    releaseIfClaimed(store, key, token, reply);
    throw error;
  }
  if (claim.state !== "claimed") return claim;

  // A renewal that fails is followed by another one before the lease ends.
  const renewal = setInterval(() => void callStoreQuietly(() => store.renew(key, token, LEASE_MS)), RENEW_MS);
  renewal.unref?.();
  const release = async () => {
    clearInterval(renewal);
    await callStoreQuietly(() => store.release(key, token));
  };
  return {
    state: "claimed",
    lease: {
      attempt: claim.attempt,
      release,
      // Work that ends after its lease was abandoned still writes its receipt: the effect exists.
      abandon: () => clearInterval(renewal),
      async complete(work) {
        try {
          await work();
        } catch (error) {
          await release();
          throw error;
        }
        try {
          return await commit(store, key, token);
        } finally {
          clearInterval(renewal);
        }
      },
    },
  };
}

/**
 * Writes the receipt. The effect exists: without the receipt the next copy would run again, so one failure must not
 * lose it, and a retry after all tries have failed would cause a second effect.
 */
async function commit(
  store: IdempotencyStore,
  key: string,
  token: string,
): Promise<WebhookError | undefined> {
  const write = () => callStore(() => store.commit(key, token, store.retentionSeconds * 1000));
  let failure: unknown;
  for (const pauseMs of [0, ...COMMIT_PAUSES_MS]) {
    // Not unref'd: the process must not end between the effect and its receipt.
    if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    try {
      await write();
      return undefined;
    } catch (error) {
      failure = error;
    }
  }
  return isWebhookError(failure) ? failure : undefined;
}

/** A claim that succeeds too late, when it is no longer awaited, must not block the next attempt. */
function releaseIfClaimed(
  store: IdempotencyStore,
  key: string,
  token: string,
  reply: PromiseLike<Claim> | Claim | undefined,
): void {
  Promise.resolve(reply)
    .then((late) => (late?.state === "claimed" ? store.release(key, token) : undefined))
    .catch(() => undefined);
}
