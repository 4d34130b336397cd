import type { Claim, IdempotencyStore } from "./store.js";

/** Options of {@link MemoryStore}. */
export interface MemoryStoreOptions {
  /** Remembers a finished delivery for this many seconds. @default 86_400 (24 h) */
  retentionSeconds?: number;
  /**
   * Remembers this many deliveries at most; beyond it, claims are refused. The default takes about 260 MB of memory
   * when it is reached with ids of 40 characters, as AhaSend's are, and 480 MB with ids of 255, the longest.
   * @default 1_000_000
   */
  maxEntries?: number;
  /** Milliseconds, from a clock that is never adjusted. @default the time since the process started */
  now?: () => number;
}

interface Entry {
  done: boolean;
  /** The owner of the claim; `undefined` if it is free. */
  token: string | undefined;
  attempt: number;
  /** The end of the lease. */
  leasedUntil: number;
  /** It may be forgotten after this time. */
  keptUntil: number;
}

/** Entries that may be forgotten in the same minute share a bucket. */
const BUCKET_MS = 60_000;
/** The number of buckets that one claim skips because they are not due. */
const MAX_EARLY_BUCKETS = 8;
/** The number of due entries that one claim checks: the clean-up never delays a request. */
const SWEEP_STEPS = 64;

/**
 * Remembers deliveries in the memory of one process. At its cap it refuses new deliveries instead of forgetting
 * old ones: an LRU cache would evict live claims and recent receipts exactly when retries peak.
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
  readonly #entries = new Map<string, Entry>();
  /** Keys by the minute in which they may be forgotten. */
  readonly #due = new Map<number, string[]>();

  constructor({
    retentionSeconds = 86_400,
    maxEntries = 1_000_000,
    now = () => performance.now(),
  }: MemoryStoreOptions = {}) {
    if (!(retentionSeconds > 0) || !Number.isFinite(retentionSeconds)) {
      throw new TypeError("retentionSeconds must be a number above 0: leave it out for 24 hours.");
    }
    if (!Number.isInteger(maxEntries) || maxEntries < 1) {
      throw new TypeError("maxEntries must be a whole number above 0: leave it out for the default.");
    }
    this.retentionSeconds = retentionSeconds;
    this.#maxEntries = maxEntries;
    this.#now = now;
  }

  /** The number of deliveries remembered now. */
  get size(): number {
    return this.#entries.size;
  }

  claim(key: string, token: string, leaseMs: number): Claim {
    const now = this.#now();
    this.#sweep(now, SWEEP_STEPS);
    const entry = this.#find(key, now);
    if (entry === undefined) {
      if (this.#entries.size >= this.#maxEntries) this.#sweep(now, Infinity);
      if (this.#entries.size >= this.#maxEntries) {
        throw new Error(
          `MemoryStore is full (${this.#maxEntries} deliveries): raise maxEntries or use a shared store.`,
        );
      }
      const keptUntil = now + this.retentionSeconds * 1000;
      this.#add(key, { done: false, token, attempt: 1, leasedUntil: now + leaseMs, keptUntil });
      return { state: "claimed", attempt: 1 };
    }
    if (entry.done) return { state: "done" };
    if (entry.token !== token) {
      if (entry.token !== undefined && entry.leasedUntil > now) {
        return { state: "busy", retryAfterMs: entry.leasedUntil - now };
      }
      entry.token = token;
      entry.attempt += 1;
    }
    entry.leasedUntil = now + leaseMs;
    return { state: "claimed", attempt: entry.attempt };
  }

  renew(key: string, token: string, leaseMs: number): void {
    const now = this.#now();
    const entry = this.#find(key, now);
    if (entry?.token === token) entry.leasedUntil = now + leaseMs;
  }

  commit(key: string, _token: string, retainMs: number): void {
    const now = this.#now();
    const keptUntil = now + retainMs;
    const entry = this.#find(key, now);
    if (entry === undefined) {
      this.#add(key, { done: true, token: undefined, attempt: 1, leasedUntil: 0, keptUntil });
      return;
    }
    if (toBucket(entry.keptUntil) !== toBucket(keptUntil)) this.#schedule(key, keptUntil);
    entry.done = true;
    entry.token = undefined;
    entry.leasedUntil = 0;
    entry.keptUntil = keptUntil;
  }

  release(key: string, token: string): void {
    const entry = this.#find(key, this.#now());
    if (entry?.token === token) entry.token = undefined;
  }

  #find(key: string, now: number): Entry | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || !isForgotten(entry, now)) return entry;
    this.#entries.delete(key);
    return undefined;
  }

  #add(key: string, entry: Entry): void {
    this.#entries.set(key, entry);
    this.#schedule(key, entry.keptUntil);
  }

  #schedule(key: string, at: number): void {
    const keys = this.#due.get(toBucket(at));
    if (keys === undefined) this.#due.set(toBucket(at), [key]);
    else keys.push(key);
  }

  /** Forgets due entries, checking `steps` of them at most. */
  #sweep(now: number, steps: number): void {
    let early = 0;
    for (const [bucket, keys] of this.#due) {
      if (bucket * BUCKET_MS > now) {
        // Buckets are in order of creation: after a jump of the clock one may be too early in the list.
        early += 1;
        if (early > MAX_EARLY_BUCKETS && steps !== Infinity) return;
        continue;
      }
      for (; keys.length > 0 && steps > 0; steps -= 1) {
        const key = keys.pop() as string;
        const entry = this.#find(key, now);
        // A live claim outlasts its bucket; an entry that is kept longer is in a later bucket too.
        if (entry !== undefined && toBucket(entry.keptUntil) <= bucket)
          this.#schedule(key, entry.leasedUntil);
      }
      if (keys.length > 0) return;
      this.#due.delete(bucket);
    }
  }
}

function toBucket(time: number): number {
  return Math.ceil(time / BUCKET_MS);
}

function isForgotten(entry: Entry, now: number): boolean {
  return entry.keptUntil <= now && (entry.token === undefined || entry.leasedUntil <= now);
}
