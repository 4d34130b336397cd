import { randomUUID } from "node:crypto";

import { WebhookError } from "./errors.js";
import type { Claim, IdempotencyStore } from "./stores/store.js";
import { within } from "./within.js";

/** The right to handle one delivery. */
export interface Lease {
  /** Counts the claims of the delivery, from 1. */
  attempt: number;
  /** Marks the delivery as done. @throws {WebhookError} `store_unavailable` */
  commit(): Promise<void>;
  /** Gives the delivery back for the next attempt; a store that cannot be reached frees it when the lease ends. */
  release(): Promise<void>;
}

/** How a copy of a delivery that is being handled is dealt with. */
export interface ClaimOptions {
  /** How long to wait for the other one, in milliseconds. */
  waitMs: number;
}

// After a crash the second attempt (+1 s) meets the dead owner's lease, the third (+16 s) takes over.
const LEASE_MS = 15_000;
const RENEW_MS = 5_000;
const FIRST_PAUSE_MS = 25;
/** How long a store may take for one operation: the sender waits 5 s in all. */
const OPERATION_MS = 1000;
/** The pauses before a receipt is tried to be written again. */
const COMMIT_PAUSES_MS = [50, 500];

/** The lease of those who go without dedupe. */
export const unguarded: Lease = {
  attempt: 1,
  commit: () => Promise.resolve(),
  release: () => Promise.resolve(),
};

/**
 * Claims a delivery, waiting a little while another owner handles it.
 *
 * @returns the lease, renewed until it is committed or released; `undefined` when the delivery is done already
 * @throws {WebhookError} `in_flight`, `store_unavailable`
 */
export async function claim(
  store: IdempotencyStore,
  key: string,
  { waitMs }: ClaimOptions,
): Promise<Lease | undefined> {
  const token = randomUUID();
  const giveUpAt = performance.now() + waitMs;
  let owned = false;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs *= 2) {
    let pending: Promise<Claim> | Claim | undefined;
    let result: Claim;
    try {
      result = await reaching(() => (pending = store.claim(key, token, LEASE_MS)));
    } catch (error) {
      releaseIfClaimed(store, key, token, pending);
      // Known to be in other hands: handling it without dedupe would be handling it twice.
      throw owned ? inFlight(LEASE_MS) : error;
    }
    if (result.state === "done") return undefined;
    if (result.state === "claimed") return leaseOf(store, key, token, result.attempt);
    owned = true;
    const leftMs = giveUpAt - performance.now();
    if (leftMs <= 0) throw inFlight(result.retryAfterMs);
    await pause(Math.min(pauseMs, leftMs));
  }
}

function inFlight(retryAfterMs: number): WebhookError {
  return new WebhookError("in_flight", "A copy of this delivery is being handled: AhaSend will try again.", {
    retryAfterSeconds: retryAfterMs / 1000,
  });
}

/** A claim that succeeds after we have stopped waiting for it must not keep the next attempt out. */
function releaseIfClaimed(
  store: IdempotencyStore,
  key: string,
  token: string,
  pending: Promise<Claim> | Claim | undefined,
): void {
  Promise.resolve(pending)
    .then((late) => (late?.state === "claimed" ? store.release(key, token) : undefined))
    .catch(() => undefined);
}

function leaseOf(store: IdempotencyStore, key: string, token: string, attempt: number): Lease {
  // A renewal that fails is followed by another one before the lease ends.
  const renewal = setInterval(() => void quietly(() => store.renew(key, token, LEASE_MS)), RENEW_MS);
  renewal.unref();
  return {
    attempt,
    async commit() {
      const commit = () => reaching(() => store.commit(key, token, store.retentionSeconds * 1000));
      try {
        // Without the receipt the next copy would run again, so one blip must not cost it.
        for (const pauseMs of COMMIT_PAUSES_MS) {
          try {
            return await commit();
          } catch {
            await pause(pauseMs);
          }
        }
        await commit();
      } finally {
        clearInterval(renewal);
      }
    },
    async release() {
      clearInterval(renewal);
      await quietly(() => store.release(key, token));
    },
  };
}

async function reaching<T>(operation: () => Promise<T> | T): Promise<T> {
  try {
    const result = operation();
    return await (result instanceof Promise ? within(OPERATION_MS, result) : result);
  } catch (cause) {
    throw new WebhookError(
      "store_unavailable",
      "The idempotency store failed: AhaSend will try again; bring the store back, its own error is the cause.",
      { cause, retryAfterSeconds: 5 },
    );
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}

async function quietly(operation: () => Promise<void> | void): Promise<void> {
  await reaching(operation).catch(() => undefined);
}
