import type { WebhookError } from "../errors.js";

/** The right to handle one delivery. */
export interface Lease {
  /** Counts the claims of the delivery, from 1. */
  attempt: number;
  /** Added by the store to the handler's context. */
  extras?: object;
  /**
   * Does the work, then marks the delivery as done; gives it back for the next attempt when the work throws.
   *
   * @returns the failure of a store that could not write the receipt, where a retry would do the work again
   * @throws what the work threw
   * @throws {WebhookError} `store_unavailable` when the work was undone, or may have been
   */
  complete(work: () => Promise<void>): Promise<WebhookError | undefined>;
  /** Gives the delivery back without any work; a store that cannot be reached frees it when the lease ends. */
  release(): Promise<void>;
  /** Gives up work that has not ended: a lease runs out by itself, a transaction is undone. */
  abandon(reason: WebhookError): void;
}

/** The result of one try to take a delivery. */
export type ClaimResult =
  { state: "claimed"; lease: Lease } | { state: "done" } | { state: "busy"; retryAfterMs: number };
