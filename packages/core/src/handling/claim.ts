import { randomUUID } from "node:crypto";

import { WebhookError } from "../errors.js";
import { REFUSALS } from "../refusals.js";
import type { Lease, ClaimResult } from "./lease.js";
import { LEASE_MS, claimLeased } from "./leased.js";
import { type ReceiptStore, isTransactional } from "../stores/store.js";
import { claimInTransaction } from "./transactional.js";

/** Options for a delivery that another owner is handling. */
export interface ClaimOptions {
  /** Waits for the other owner this long, in milliseconds. */
  waitMs: number;
  /** Returns the signal that ends the waiting early. */
  signal: () => AbortSignal;
}

const FIRST_PAUSE_MS = 25;

/** The lease without dedupe. */
export const leaseWithoutStore: Lease = {
  attempt: 1,
  complete: async (work) => {
    await work();
    return undefined;
  },
  keepAlive: () => undefined,
  release: () => Promise.resolve(),
  abandon: () => undefined,
};

/**
 * Claims a delivery, or waits a little while another owner handles it.
 *
 * @returns the lease, kept alive until it is completed or released; `undefined` if the delivery was handled before
 * @throws {WebhookError} `in_flight`, `store_unavailable`, and the reason of the signal
 */
export async function claim(
  store: ReceiptStore,
  key: string,
  { waitMs, signal }: ClaimOptions,
): Promise<Lease | undefined> {
  const token = createToken();
  const giveUpAt = performance.now() + waitMs;
  const leftMs = () => giveUpAt - performance.now();
  let isOwned = false;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs *= 2) {
    let result: ClaimResult;
    try {
      result = isTransactional(store)
        ? await claimInTransaction(store, key, leftMs())
        : await claimLeased(store, key, token);
    } catch (error) {
      // Another owner is known to have it: handling it without dedupe would handle it twice.
      throw isOwned ? inFlight(LEASE_MS) : error;
    }
    if (result.state === "done") return undefined;
    if (result.state === "claimed") return result.lease;
    isOwned = true;
    if (leftMs() <= 0) throw inFlight(result.retryAfterMs);
    await pause(Math.min(pauseMs, leftMs()), signal());
    signal().throwIfAborted();
  }
}

/** Makes the tokens of this process unlike those of all others. */
let tokenPrefix: string | undefined;
let tokens = 0;

/** Creates a token that no other claim has: a UUID for each would take longer than the claim. */
function createToken(): string {
  tokenPrefix ??= randomUUID();
  tokens += 1;
  return `${tokenPrefix}-${tokens.toString(36)}`;
}

/** Waits, but not past the signal. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    timer.unref?.();
    signal.addEventListener("abort", end, { once: true });
  });
}

function inFlight(retryAfterMs: number): WebhookError {
  return new WebhookError("in_flight", REFUSALS.in_flight.message, {
    retryAfterSeconds: retryAfterMs / 1000,
  });
}
