import { WebhookError } from "../errors.js";
import { REFUSALS } from "../refusals.js";

/** Bodies up to this size count as small: even inbound mail with a long text is smaller. */
export const SMALL_BODY_BYTES = 64 * 1024;
/** JSON.parse needs the string of a body beside its bytes: with large bodies that counts. */
const LARGE_BODY_COPIES = 2;
/** The part of the budget that large bodies cannot take. */
const SMALL_LANE = 1 / 8;
/** The shortest time over which the speed of an upload is judged. */
const WINDOW_MS = 250;
/** Slower uploads are the first to go: at this speed no large body arrives within its deadline. */
const SLOW_BYTES_PER_SECOND = SMALL_BODY_BYTES;

/** The smallest budget in which one body of `maxBodyBytes` always finds room. */
export function getMinBudgetBytes(maxBodyBytes: number): number {
  // Rounded up to a half: a factor for mental arithmetic.
  return (Math.ceil((2 * LARGE_BODY_COPIES) / (1 - SMALL_LANE)) / 2) * maxBodyBytes;
}

/** The part of a {@link ByteBudget} that one request has taken. */
export interface BudgetAccount {
  /**
   * Holds memory for what has arrived of a body.
   *
   * @param bytes arrived so far, in all
   * @param onEvict called when the unfinished upload is evicted; leave it out for a complete body
   * @throws {WebhookError} `overloaded` if there is no room, and no other upload has made less progress
   */
  hold(bytes: number, onEvict?: (refusal: WebhookError) => void): void;
  /** The whole body is here, or is no longer awaited: it cannot be evicted. */
  endUpload(): void;
  /** Releases everything; what arrives later is not counted. */
  close(): void;
}

/**
 * The memory that all bodies in flight may take together. What counts is what has arrived, never what was declared.
 * Large bodies leave a lane to small ones, so that a few big inbound mails cannot hold up the delivery events. When it
 * is full, the upload with the least progress is evicted, not the newcomer: half-open uploads must not block mail.
 */
export class ByteBudget {
  readonly #maxBytes: number;
  readonly #uploads = new Set<Account>();
  #heldBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Opens the account of one request. */
  open(): BudgetAccount {
    return new Account(this);
  }

  /** Changes what an account holds, evicting slower uploads if there is no room. @throws {WebhookError} `overloaded` */
  reserve(account: Account, bytes: number): void {
    const limit = account.isLarge ? this.#maxBytes * (1 - SMALL_LANE) : this.#maxBytes;
    while (this.#heldBytes - account.heldBytes + bytes > limit) {
      const victim = this.#findVictim(account);
      if (victim === undefined || victim === account)
        throw new WebhookError("overloaded", REFUSALS.overloaded.message);
      victim.evict(new WebhookError("overloaded", REFUSALS.overloaded.message));
    }
    this.#heldBytes += bytes - account.heldBytes;
  }

  release(account: Account): void {
    this.#heldBytes -= account.heldBytes;
    this.#uploads.delete(account);
  }

  startUpload(account: Account): void {
    this.#uploads.add(account);
  }

  endUpload(account: Account): void {
    this.#uploads.delete(account);
  }

  /** Returns the slowest upload; if all are fast, the large one of which the least has arrived, which may be the asker. */
  #findVictim(asker: Account): Account | undefined {
    const now = performance.now();
    let slowest: Account | undefined;
    let slowestSpeed = SLOW_BYTES_PER_SECOND;
    let least = asker.isLarge ? asker : undefined;
    for (const upload of this.#uploads) {
      const speed = upload.bytesPerSecond(now);
      if (speed < slowestSpeed) [slowest, slowestSpeed] = [upload, speed];
      if (upload.isLarge && (least === undefined || upload.arrivedBytes < least.arrivedBytes)) least = upload;
    }
    return slowest ?? least;
  }
}

const NO_WINDOW = { at: 0, bytes: 0 };

class Account implements BudgetAccount {
  readonly #budget: ByteBudget;
  #onEvict: ((refusal: WebhookError) => void) | undefined;
  arrivedBytes = 0;
  heldBytes = 0;
  #isClosed = false;
  #lastAt = 0;
  /** The start of the last two windows, and the bytes that had arrived by then. */
  #window = NO_WINDOW;
  #windowBefore = NO_WINDOW;

  constructor(budget: ByteBudget) {
    this.#budget = budget;
  }

  get isLarge(): boolean {
    return this.arrivedBytes > SMALL_BODY_BYTES;
  }

  hold(bytes: number, onEvict?: (refusal: WebhookError) => void): void {
    if (this.#isClosed) return;
    this.arrivedBytes = bytes;
    if (onEvict !== undefined) this.#noteProgress(onEvict);
    const needed = this.isLarge ? bytes * LARGE_BODY_COPIES : bytes;
    this.#budget.reserve(this, needed);
    this.heldBytes = needed;
  }

  endUpload(): void {
    if (this.#onEvict === undefined) return;
    this.#onEvict = undefined;
    this.#budget.endUpload(this);
  }

  close(): void {
    this.#isClosed = true;
    this.#budget.release(this);
    this.heldBytes = 0;
  }

  evict(refusal: WebhookError): void {
    const onEvict = this.#onEvict;
    this.#onEvict = undefined;
    this.close();
    onEvict?.(refusal);
  }

  /** The recent speed; what has just begun counts as fast. */
  bytesPerSecond(now: number): number {
    if (now - this.#lastAt > WINDOW_MS) return 0;
    const ms = now - this.#windowBefore.at;
    return ms < WINDOW_MS ? Infinity : ((this.arrivedBytes - this.#windowBefore.bytes) / ms) * 1000;
  }

  #noteProgress(onEvict: (refusal: WebhookError) => void): void {
    const now = performance.now();
    if (this.#onEvict === undefined) {
      this.#onEvict = onEvict;
      this.#budget.startUpload(this);
      this.#window = this.#windowBefore = { at: now, bytes: 0 };
    } else if (now - this.#window.at > WINDOW_MS) {
      this.#windowBefore = this.#window;
      this.#window = { at: now, bytes: this.arrivedBytes };
    }
    this.#lastAt = now;
  }
}
