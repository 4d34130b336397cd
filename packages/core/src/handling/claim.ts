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
 * @returns the lease, kept alive until it is completed or released; `undefined` if the delivery was handled before. Not a
 * promise if the store does not return one: a promise takes longer than a claim in memory.
 * @throws {WebhookError} `in_flight`, `store_unavailable`, and the reason of the signal
 */
export function claim(
  store: ReceiptStore,
  key: string,
  { waitMs, signal }: ClaimOptions,
): Promise<Lease | undefined> | Lease | undefined {
  const token = createToken();
  const giveUpAt = performance.now() + waitMs;
  const leftMs = () => giveUpAt - performance.now();
  const tryToClaim = () =>
    isTransactional(store) ? claimInTransaction(store, key, leftMs()) : claimLeased(store, key, token);
  const first = tryToClaim();
  if (!(first instanceof Promise) && first.state !== "busy") return toLease(first);
  return waitForOwner(first, tryToClaim, leftMs, signal);
}

/** Repeats a claim while another owner has the delivery. */
async function waitForOwner(
  first: Promise<ClaimResult> | ClaimResult,
  tryToClaim: () => Promise<ClaimResult> | ClaimResult,
  leftMs: () => number,
  signal: () => AbortSignal,
): Promise<Lease | undefined> {
  let result = await first;
  for (let pauseMs = FIRST_PAUSE_MS; result.state === "busy"; pauseMs *= 2) {
    if (leftMs() <= 0) throw inFlight(result.retryAfterMs);
    await pause(Math.min(pauseMs, leftMs()), signal());
    signal().throwIfAborted();
    try {
      result = await tryToClaim();
    } catch {
      // Another owner is known to have it: handling it without dedupe would handle it twice.
      throw inFlight(LEASE_MS);
    }
  }
  return toLease(result);
}

function toLease(result: Exclude<ClaimResult, { state: "busy" }>): Lease | undefined {
  return result.state === "claimed" ? result.lease : undefined;
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
