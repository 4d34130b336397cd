import { assertKnownOptions } from "../assert-options.js";
import { type Digest, KeyedDigest } from "./keyed-digest.js";
import { ReceiptTable } from "./receipt-table.js";
import type { Claim, IdempotencyStore } from "./store.js";

/** Options of {@link MemoryStore}. */
export interface MemoryStoreOptions {
  /** Remembers a finished delivery for this many seconds. @default 86_400 (24 h) */
  retentionSeconds?: number;
  /**
   * Remembers this many deliveries at most; beyond it, claims are refused. The default takes about 50 MB of memory when
   * it is reached, whatever the length of the ids; those that have failed take about 260 bytes each.
   * @default 1_000_000
   */
  maxEntries?: number;
  /** Milliseconds, from a clock that is never adjusted. @default the time since the process started */
  now?: () => number;
}

const OPTIONS = Object.keys({
  retentionSeconds: true,
  maxEntries: true,
  now: true,
} satisfies Record<keyof MemoryStoreOptions, true>);

/** A delivery that is not done. */
interface OpenDelivery {
  digest: Digest;
  /** The owner of the claim; `undefined` if it is free. */
  token: string | undefined;
  attempt: number;
  /** The end of the lease. */
  leasedUntil: number;
  /** It may be forgotten after this time. */
  keptUntil: number;
}

/** The number of open deliveries that one claim checks: the clean-up never delays a request. */
const SWEEP_STEPS = 4;
/** The same for a claim that would be refused otherwise. */
const FULL_SWEEP_STEPS = 1000;
/** The time between two clean-ups: what they look for is at least as old as the retention. */
const SWEEP_PAUSE_MS = 60_000;

/**
 * Remembers deliveries in the memory of one process. At its cap it refuses new deliveries instead of forgetting
 * old ones: an LRU cache would evict live claims and recent receipts exactly when retries peak.
 *
 * A delivery that is done is remembered by a digest of 128 bits under a random key. The chance that a new one is taken for
 * one of `n` remembered ones is `n / 2^128`: about 1 in 10^22 for a million new ones a day, beside a million remembered
 * ones, over a century.
 *
 * @throws {TypeError} for invalid options
 *
 * @example
 * createReceiver({ secret, on, store: new MemoryStore({ maxEntries: 100_000 }) });
 */
export class MemoryStore implements IdempotencyStore {
  readonly retentionSeconds: number;
  readonly #maxEntries: number;
  readonly #now: () => number;
  /** Deliveries that are being handled or were given back. */
  readonly #open = new Map<string, OpenDelivery>();
  readonly #receipts: ReceiptTable;
  readonly #digest = new KeyedDigest();
  /** The position of a clean-up that has begun. */
  #sweep: MapIterator<[string, OpenDelivery]> | undefined;
  /** The next clean-up begins after this time. */
  #sweepAt = -Infinity;

  constructor(options: MemoryStoreOptions = {}) {
    assertKnownOptions(options, OPTIONS);
    const { retentionSeconds = 86_400, maxEntries = 1_000_000, now = () => performance.now() } = options;
    if (!(retentionSeconds > 0) || !Number.isFinite(retentionSeconds)) {
      throw new TypeError("retentionSeconds must be a number above 0: leave it out for 24 hours.");
    }
    if (!Number.isInteger(maxEntries) || maxEntries < 1) {
      throw new TypeError("maxEntries must be a whole number above 0: leave it out for the default.");
    }
    this.retentionSeconds = retentionSeconds;
    this.#maxEntries = maxEntries;
    this.#receipts = new ReceiptTable(maxEntries);
    this.#now = now;
  }

  /** The number of deliveries remembered now; some that have expired within the last minutes may be included. */
  get size(): number {
    return this.#open.size + this.#receipts.size;
  }

  claim(key: string, token: string, leaseMs: number): Claim {
    const now = this.#now();
    this.#forget(now, SWEEP_STEPS);
    const open = this.#find(key, now);
    if (open === undefined) {
      const digest = this.#digest.compute(key);
      if (this.#receipts.has(digest, now)) return { state: "done" };
      this.#assertRoom(now);
      const keptUntil = now + this.retentionSeconds * 1000;
      this.#open.set(key, { digest, token, attempt: 1, leasedUntil: now + leaseMs, keptUntil });
      return { state: "claimed", attempt: 1 };
    }
    if (open.token !== token) {
      if (open.token !== undefined && open.leasedUntil > now) {
        return { state: "busy", retryAfterMs: open.leasedUntil - now };
      }
      open.token = token;
      open.attempt += 1;
    }
    open.leasedUntil = now + leaseMs;
    return { state: "claimed", attempt: open.attempt };
  }

  renew(key: string, token: string, leaseMs: number): void {
    const now = this.#now();
    const open = this.#find(key, now);
    if (open?.token === token) open.leasedUntil = now + leaseMs;
  }

  commit(key: string, _token: string, retainMs: number): void {
    const digest = this.#open.get(key)?.digest ?? this.#digest.compute(key);
    this.#receipts.add(digest, this.#now() + retainMs);
    this.#open.delete(key);
  }

  release(key: string, token: string): void {
    const open = this.#find(key, this.#now());
    if (open?.token === token) open.token = undefined;
  }

  #find(key: string, now: number): OpenDelivery | undefined {
    const open = this.#open.get(key);
    if (open === undefined || !isForgotten(open, now)) return open;
    this.#open.delete(key);
    return undefined;
  }

  #assertRoom(now: number): void {
    if (this.size < this.#maxEntries) return;
    this.#sweepAt = now;
    this.#forget(now, FULL_SWEEP_STEPS);
    if (this.size < this.#maxEntries) return;
    throw new Error(
      `MemoryStore is full (${this.#maxEntries} deliveries): raise maxEntries or use a shared store.`,
    );
  }

  /** Forgets what has expired, checking `steps` open deliveries at most. */
  #forget(now: number, steps: number): void {
    this.#receipts.expire(now);
    if (now < this.#sweepAt) return;
    for (let step = 0; step < steps; step += 1) {
      const next = (this.#sweep ??= this.#open.entries()).next();
      if (next.done) {
        this.#sweep = undefined;
        this.#sweepAt = now + SWEEP_PAUSE_MS;
        return;
      }
      if (isForgotten(next.value[1], now)) this.#open.delete(next.value[0]);
    }
  }
}

function isForgotten({ token, leasedUntil, keptUntil }: OpenDelivery, now: number): boolean {
  return keptUntil <= now && (token === undefined || leasedUntil <= now);
}
