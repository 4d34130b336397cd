import type { Digest } from "./keyed-digest.js";

/** The number of receipts in a segment of a full table: rebuilding one takes about 0.1 ms. */
const SEGMENT_RECEIPTS = 4096;
const MAX_SEGMENTS = 4096;
const MIN_SLOTS = 8;
/** Receipts that expire in the same minute are counted together. */
const MINUTE_MS = 60_000;

/**
 * A set of digests that expire, in 32 to 48 bytes each. Expired ones are not found; the memory that they take is reused or
 * freed a little at a time by later calls, and never exceeds an eighth of the whole for long.
 */
export class ReceiptTable {
  /** Each digest has its segment, so that growing never moves more than one segment. */
  readonly #segments: (Segment | undefined)[];
  /** The numbers of receipts by the minute in which they expire. */
  readonly #expiring = new Map<number, number>();
  /** Receipts of the minutes up to this one are no longer counted. */
  #countedUntil = -Infinity;
  #size = 0;
  /** The number of slots that hold a receipt, expired or not. */
  #used = 0;
  /** The segment to be looked through next. */
  #cursor = 0;

  /** @param maxReceipts the number that it is meant for; it can hold more */
  constructor(maxReceipts: number) {
    const segments = 2 ** Math.ceil(Math.log2(maxReceipts / SEGMENT_RECEIPTS));
    this.#segments = Array.from({ length: Math.min(Math.max(segments, 1), MAX_SEGMENTS) }, () => undefined);
  }

  /** The number of receipts; those that have expired within the last minute may be included. */
  get size(): number {
    return this.#size;
  }

  /** The memory that it takes. */
  get bytes(): number {
    return this.#segments.reduce((sum, segment) => sum + (segment?.bytes ?? 0), 0);
  }

  /** Returns whether a digest was added and has not expired. */
  has(digest: Digest, now: number): boolean {
    const segment = this.#segments[this.#pick(digest)];
    return segment !== undefined && segment.readExpiry(segment.find(digest)) > now;
  }

  /** Adds a digest, or lets it expire later. */
  add(digest: Digest, expiry: number): void {
    const index = this.#pick(digest);
    let segment = this.#segments[index];
    if (segment === undefined || segment.isFull) segment = this.#rebuild(index);
    const slot = segment.find(digest);
    const before = segment.readExpiry(slot);
    if (before >= expiry) return;
    if (before === -Infinity) this.#used += 1;
    else this.#count(before, -1);
    segment.write(slot, digest, expiry);
    this.#count(expiry, 1);
  }

  /** Stops counting what has expired and, if it takes too much memory, frees some of it. Call it often. */
  expire(now: number): void {
    const minute = Math.floor(now / MINUTE_MS);
    if (minute > this.#countedUntil) this.#uncount(minute);
    if (this.#used - this.#size <= this.#used / 8) return;
    this.#cursor = (this.#cursor + 1) % this.#segments.length;
    if (this.#segments[this.#cursor] !== undefined) this.#rebuild(this.#cursor);
  }

  #pick({ a }: Digest): number {
    return a & (this.#segments.length - 1);
  }

  #count(expiry: number, change: 1 | -1): void {
    const minute = Math.ceil(expiry / MINUTE_MS);
    if (minute <= this.#countedUntil) return;
    this.#size += change;
    this.#expiring.set(minute, (this.#expiring.get(minute) ?? 0) + change);
  }

  /** Stops counting the receipts of the minutes up to this one. */
  #uncount(minute: number): void {
    const passed = minute - this.#countedUntil;
    const minutes =
      passed < this.#expiring.size
        ? Array.from({ length: passed }, (_, index) => minute - index)
        : [...this.#expiring.keys()].filter((due) => due <= minute);
    for (const due of minutes) {
      this.#size -= this.#expiring.get(due) ?? 0;
      this.#expiring.delete(due);
    }
    this.#countedUntil = minute;
  }

  /** Replaces a segment by one without the receipts that are no longer counted, with room for as many again. */
  #rebuild(index: number): Segment {
    const before = this.#segments[index];
    const after = before?.copy(this.#countedUntil * MINUTE_MS) ?? new Segment(MIN_SLOTS);
    this.#used += after.used - (before?.used ?? 0);
    this.#segments[index] = after;
    return after;
  }
}

/** Words of 32 bits in a slot: the expiry as a 64-bit number, then the digest. All zeros: empty. */
const SLOT_WORDS = 6;

/** A hash table with linear probing. */
class Segment {
  readonly #slots: number;
  readonly #words: Int32Array;
  readonly #expiries: Float64Array;
  used = 0;

  constructor(slots: number) {
    this.#slots = slots;
    this.#words = new Int32Array(slots * SLOT_WORDS);
    this.#expiries = new Float64Array(this.#words.buffer);
  }

  get bytes(): number {
    return this.#words.byteLength;
  }

  get isFull(): boolean {
    return this.used >= this.#slots * 0.75;
  }

  /** Returns the slot of a digest, or the empty one in which it belongs. */
  find({ a, b, c, d }: Digest): number {
    const words = this.#words;
    for (let slot = (b >>> 0) % this.#slots; ; slot = slot + 1 === this.#slots ? 0 : slot + 1) {
      const at = slot * SLOT_WORDS + 2;
      if (words[at] === a && words[at + 1] === b && words[at + 2] === c && words[at + 3] === d) return slot;
      if (this.#isEmpty(at)) return slot;
    }
  }

  /** Returns when the receipt in a slot expires: -Infinity if it is empty. */
  readExpiry(slot: number): number {
    if (this.#isEmpty(slot * SLOT_WORDS + 2)) return -Infinity;
    return this.#expiries[(slot * SLOT_WORDS) / 2] ?? -Infinity;
  }

  write(slot: number, { a, b, c, d }: Digest, expiry: number): void {
    const at = slot * SLOT_WORDS + 2;
    if (this.#isEmpty(at)) this.used += 1;
    this.#words[at] = a;
    this.#words[at + 1] = b;
    this.#words[at + 2] = c;
    this.#words[at + 3] = d;
    this.#expiries[(slot * SLOT_WORDS) / 2] = expiry;
  }

  /** Returns a segment with the receipts that expire after a time, half full. */
  copy(time: number): Segment {
    let live = 0;
    for (let slot = 0; slot < this.#slots; slot += 1) if (this.readExpiry(slot) > time) live += 1;
    const copy = new Segment(Math.max(live * 2, MIN_SLOTS));
    for (let slot = 0; slot < this.#slots; slot += 1) {
      const expiry = this.readExpiry(slot);
      if (expiry <= time) continue;
      const digest = this.#read(slot);
      copy.write(copy.find(digest), digest, expiry);
    }
    return copy;
  }

  #read(slot: number): Digest {
    const words = this.#words;
    const at = slot * SLOT_WORDS + 2;
    return { a: words[at] ?? 0, b: words[at + 1] ?? 0, c: words[at + 2] ?? 0, d: words[at + 3] ?? 0 };
  }

  #isEmpty(at: number): boolean {
    const words = this.#words;
    return words[at] === 0 && words[at + 1] === 0 && words[at + 2] === 0 && words[at + 3] === 0;
  }
}
