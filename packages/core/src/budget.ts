import { WebhookError } from "./errors.js";

/** What counts as a small body: even inbound mail with a long text stays below it. */
const SMALL_BODY_BYTES = 64 * 1024;
/** JSON.parse needs the text of a body beside its bytes: with large ones that counts. */
const LARGE_BODY_COPIES = 2;
/** The part of the budget that large bodies cannot take. */
const SMALL_LANE = 1 / 8;

/**
 * The memory that all bodies in flight may take together. Large bodies leave a lane to small ones, so that a few big
 * inbound mails cannot hold up the delivery events.
 */
export class ByteBudget {
  readonly #most: number;
  #taken = 0;

  constructor(mostBytes: number) {
    this.#most = mostBytes;
  }

  /** Starts the account of one request. */
  open(): BudgetAccount {
    let held = 0;
    return {
      hold: (bytes) => {
        const isSmall = bytes <= SMALL_BODY_BYTES;
        const needed = isSmall ? bytes : bytes * LARGE_BODY_COPIES;
        if (needed <= held) return;
        const most = isSmall ? this.#most : this.#most * (1 - SMALL_LANE);
        if (this.#taken - held + needed > most) {
          throw new WebhookError(
            "overloaded",
            "The bodies in flight have used up the memory budget: AhaSend will try again; raise maxInFlightBytes if it happens often.",
            { retryAfterSeconds: 5 },
          );
        }
        this.#taken += needed - held;
        held = needed;
      },
      close: () => {
        this.#taken -= held;
        held = 0;
      },
    };
  }
}

/** What one request has taken of a {@link ByteBudget}. */
export interface BudgetAccount {
  /** Makes sure that a body of so many bytes has its memory. @throws {WebhookError} `overloaded` if they are not to be had now */
  hold(bytes: number): void;
  /** Gives everything back. */
  close(): void;
}
