/** What became of a claim. */
export type Claim =
  /** The delivery is the caller's to handle, until the lease ends; `attempt` counts the claims, from 1. */
  | { state: "claimed"; attempt: number }
  /** It has been handled. */
  | { state: "done" }
  /** Another owner is handling it; its lease ends in `retryAfterMs`. */
  | { state: "busy"; retryAfterMs: number };

/**
 * Remembers which deliveries are done and which are being handled. All methods may be called by several processes at
 * once, and any of them may reject when the store cannot be reached.
 *
 * A token names an owner: it is new for each request. Times are in milliseconds, measured by the store's own clock.
 */
export interface IdempotencyStore {
  /** How long a finished delivery is remembered, in seconds; at least 13 hours. */
  readonly retentionSeconds: number;
  /** Takes a delivery that is new, released, or whose lease has ended. Claiming again with the same token is harmless. */
  claim(key: string, token: string, leaseMs: number): Promise<Claim> | Claim;
  /** Prolongs the lease, if the token still owns it. */
  renew(key: string, token: string, leaseMs: number): Promise<void> | void;
  /** Marks the delivery as done, also after another has taken it over: the effect exists. */
  commit(key: string, token: string, retainMs: number): Promise<void> | void;
  /** Gives the delivery back, if the token still owns it; the count of claims stays. */
  release(key: string, token: string): Promise<void> | void;
  /** Lets go of connections and timers that the store itself has opened. */
  close?(): Promise<void> | void;
}
