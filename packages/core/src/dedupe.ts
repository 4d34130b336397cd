import { randomUUID } from "node:crypto";

import { WebhookError } from "./errors.js";
import type { IdempotencyStore } from "./stores/store.js";

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
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs *= 2) {
    const result = await reaching(() => store.claim(key, token, LEASE_MS));
    if (result.state === "done") return undefined;
    if (result.state === "claimed") return leaseOf(store, key, token, result.attempt);
    const leftMs = giveUpAt - performance.now();
    if (leftMs <= 0) {
      throw new WebhookError(
        "in_flight",
        "A copy of this delivery is being handled: AhaSend will try again.",
        {
          retryAfterSeconds: result.retryAfterMs / 1000,
        },
      );
    }
    await new Promise((resolve) => setTimeout(resolve, Math.min(pauseMs, leftMs)).unref());
  }
}

function leaseOf(store: IdempotencyStore, key: string, token: string, attempt: number): Lease {
  // A renewal that fails is followed by another one before the lease ends.
  const renewal = setInterval(() => void quietly(() => store.renew(key, token, LEASE_MS)), RENEW_MS);
  renewal.unref();
  return {
    attempt,
    async commit() {
      clearInterval(renewal);
      await reaching(() => store.commit(key, token, store.retentionSeconds * 1000));
    },
    async release() {
      clearInterval(renewal);
      await quietly(() => store.release(key, token));
    },
  };
}

async function reaching<T>(operation: () => Promise<T> | T): Promise<T> {
  try {
    return await operation();
  } catch (cause) {
    throw new WebhookError(
      "store_unavailable",
      "The idempotency store failed: AhaSend will try again; bring the store back, its own error is the cause.",
      { cause, retryAfterSeconds: 5 },
    );
  }
}

async function quietly(operation: () => Promise<void> | void): Promise<void> {
  await reaching(operation).catch(() => undefined);
}
