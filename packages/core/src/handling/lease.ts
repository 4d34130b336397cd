import type { WebhookError } from "../errors.js";

/** The right to handle one delivery. */
export interface Lease {
  /** Counts the claims of the delivery, from 1. */
  attempt: number;
  /** Added by the store to the handler's context. */
  extras?: object;
  /**
   * Does the work, then marks the delivery as done; releases it for the next attempt if the work throws.
   *
   * @returns the failure of a store that could not write the receipt, where a retry would do the work again
   * @throws the error of the work
   * @throws {WebhookError} `store_unavailable` if the work was rolled back, or may have been
   */
  complete(work: () => Promise<void>): Promise<WebhookError | undefined>;
  /** Keeps the right for longer than the sender waits; without it, it lasts for 15 s. */
  keepAlive(): void;
  /** Releases the delivery without any work; if the store cannot be reached, it is free when the lease ends. */
  release(): Promise<void>;
  /** Stops waiting for work that has not ended: a lease expires, a transaction is rolled back. */
  abandon(reason: WebhookError): void;
}

/** The result of one try to claim a delivery. */
export type ClaimResult =
  | { state: "claimed"; lease: Lease }
  | { state: "done" }
  | { state: "busy"; retryAfterMs: number };
