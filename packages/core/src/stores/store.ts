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

/**
 * Remembers deliveries by doing the handler's work in a transaction of its own: the writes that the handler makes with
 * what it is lent commit together with the receipt, or not at all. It takes the place of an {@link IdempotencyStore}.
 *
 * @typeParam Extras what the store adds to the handler's context, such as the client of the transaction
 */
export interface TransactionalStore<Extras = unknown> {
  /** How long a finished delivery is remembered, in seconds; at least 13 hours. */
  readonly retentionSeconds: number;
  /**
   * Calls `work` with the extras, unless the delivery is done or another transaction has it, and keeps what was
   * written when `work` resolves.
   *
   * @throws what `work` threw, after everything has been undone; any other error says that the store failed and that
   * it is not known whether the transaction was kept
   */
  run(key: string, work: (extras: Extras) => Promise<void>): Promise<TransactionResult>;
  /** Lets go of connections and timers that the store itself has opened. */
  close?(): Promise<void> | void;
}

/** What became of a transaction. */
export type TransactionResult =
  /** The work was done just now, and is kept. */
  | { state: "committed" }
  /** It had been done before. */
  | { state: "done" }
  /** Another transaction has the delivery; it makes sense to ask again in `retryAfterMs`. */
  | { state: "busy"; retryAfterMs: number };

/** Either kind of store. */
export type Store<Extras = unknown> = IdempotencyStore | TransactionalStore<Extras>;

/** Whether a store wraps the work in its own transaction. */
export function isTransactional<Extras>(store: Store<Extras>): store is TransactionalStore<Extras> {
  // Something that claims is a lease store, whatever the app has put on `Object.prototype`.
  return "run" in store && !("claim" in store);
}
