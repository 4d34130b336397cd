import { type WebhookError, toWebhookError } from "../errors.js";
import { isPromiseLike } from "../promise-like.js";
import { callStore, callStoreQuietly } from "./store-call.js";
import { toClaim } from "../stores/replies.js";
import type { Claim, IdempotencyStore } from "../stores/store.js";
import type { ClaimResult, Lease } from "./lease.js";

// After a crash the second attempt (+1 s) meets the dead owner's lease, the third (+16 s) takes over.
export const LEASE_MS = 15_000;
export const RENEW_MS = 5_000;
/** The pauses before further tries to write a receipt. */
const COMMIT_PAUSES_MS = [50, 500];

/**
 * Tries to claim a delivery under a lease.
 *
 * @returns not a promise if the store does not return one
 * @throws {WebhookError} `store_unavailable`
 */
export function claimLeased(
  store: IdempotencyStore,
  key: string,
  token: string,
): Promise<ClaimResult> | ClaimResult {
  let reply: PromiseLike<Claim> | Claim | undefined;
  const callClaim = () => {
    reply = store.claim(key, token, LEASE_MS);
    return isPromiseLike(reply) ? Promise.resolve(reply).then(toClaim) : toClaim(reply);
  };
  const toResult = (claim: Claim): ClaimResult =>
    claim.state === "claimed"
      ? { state: "claimed", lease: new RenewedLease(store, key, token, claim.attempt) }
      : claim;
  const fail = (error: unknown): never => {
    releaseIfClaimed(store, key, token, reply);
    throw error;
  };
  try {
    const claimed = callStore(callClaim);
    return claimed instanceof Promise ? claimed.then(toResult, fail) : toResult(claimed);
  } catch (error) {
    return fail(error);
  }
}

class RenewedLease implements Lease {
  readonly attempt: number;
  readonly #store: IdempotencyStore;
  readonly #key: string;
  readonly #token: string;
  #renewal: ReturnType<typeof setInterval> | undefined;

  constructor(store: IdempotencyStore, key: string, token: string, attempt: number) {
    this.attempt = attempt;
    this.#store = store;
    this.#key = key;
    this.#token = token;
  }

  keepAlive(): void {
    const renew = () => void callStoreQuietly(() => this.#store.renew(this.#key, this.#token, LEASE_MS));
    renew();
    // One that fails is followed by another before the lease ends.
    this.#renewal = setInterval(renew, RENEW_MS);
    this.#renewal.unref?.();
  }

  async release(): Promise<void> {
    this.abandon();
    await callStoreQuietly(() => this.#store.release(this.#key, this.#token));
  }

  /** Work that ends after its lease was abandoned still writes its receipt: the effect exists. */
  abandon(): void {
    clearInterval(this.#renewal);
  }

  async complete(work: () => Promise<void>): Promise<WebhookError | undefined> {
    try {
      await work();
    } catch (error) {
      await this.release();
      throw error;
    }
    const committed = this.#commit();
    let failure = committed instanceof Promise ? await committed : committed;
    // The effect exists: without the receipt the next copy would run again, so one failure must not lose it, and a retry
    // after all tries have failed would cause a second effect.
    for (const pauseMs of COMMIT_PAUSES_MS) {
      if (failure === undefined) break;
      // Not unref'd: the process must not end between the effect and its receipt.
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      failure = await this.#commit();
    }
    this.abandon();
    return failure;
  }

  /** Writes the receipt. @returns the failure of the store */
  #commit(): Promise<WebhookError | undefined> | WebhookError | undefined {
    const store = this.#store;
    try {
      const written = callStore(() => store.commit(this.#key, this.#token, store.retentionSeconds * 1000));
      return written instanceof Promise ? written.then(() => undefined, toWebhookError) : undefined;
    } catch (error) {
      return toWebhookError(error);
    }
  }
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
