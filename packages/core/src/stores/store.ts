import type { Inbox } from "./inbox.js";

/** The result of a claim. */
export type Claim =
  /** The caller may handle the delivery until the lease ends; `attempt` counts the claims, from 1. */
  | { state: "claimed"; attempt: number }
  /** It has been handled. */
  | { state: "done" }
  /** Another owner is handling it; its lease ends in `retryAfterMs`. */
  | { state: "busy"; retryAfterMs: number };

/**
 * Remembers which deliveries were handled and which are being handled. All methods may be called by several processes at
 * once, and any of them may reject if the store cannot be reached.
 *
 * A token names an owner: it is new for each request. Times are in milliseconds, measured by the store's own clock.
 */
export interface IdempotencyStore {
  /** A finished delivery is remembered for this many seconds; at least 13 hours. */
  readonly retentionSeconds: number;
  /** Takes a delivery that is new, released, or whose lease has ended. Claiming again with the same token is harmless. */
  claim(key: string, token: string, leaseMs: number): Promise<Claim> | Claim;
  /** Extends the lease, if the token still owns it. */
  renew(key: string, token: string, leaseMs: number): Promise<void> | void;
  /** Marks the delivery as done, even if another owner has taken it over: the effect exists. */
  commit(key: string, token: string, retainMs: number): Promise<void> | void;
  /** Gives the delivery back, if the token still owns it; the count of claims stays. */
  release(key: string, token: string): Promise<void> | void;
  /**
   * Closes the connections and timers that the store itself has opened. Calling it again is harmless, and all other
   * methods still work afterwards.
   */
  close?(): Promise<void> | void;
}

/**
 * Remembers deliveries by doing the handler's work in a transaction of its own: the writes that the handler makes with
 * the extras commit together with the receipt, or not at all. It takes the place of an {@link IdempotencyStore}.
 *
 * @typeParam Extras what the store adds to the handler's context, such as the client of the transaction
 */
export interface TransactionalStore<Extras = unknown> {
  /** A finished delivery is remembered for this many seconds; at least 13 hours. */
  readonly retentionSeconds: number;
  /**
   * Calls `work` with the extras, once, unless the delivery was handled before or another transaction has it, and
   * commits when `work` resolves. The handler runs in the async context of this call: what the store keeps in an
   * `AsyncLocalStorage`, such as its transaction, is the handler's as well.
   *
   * @throws what `work` threw, after everything has been undone; any other error means that the store failed, and
   * that the transaction may or may not have been committed
   */
  run(key: string, work: (extras: Extras) => Promise<void>): Promise<TransactionResult>;
  /** As {@link IdempotencyStore.close}. */
  close?(): Promise<void> | void;
}

/** The result of a transaction. */
export type TransactionResult =
  /** The work was done now, and is committed. */
  | { state: "committed" }
  /** It was done before. */
  | { state: "done" }
  /** Another transaction has the delivery; retry after `retryAfterMs`. */
  | { state: "busy"; retryAfterMs: number };

/** A store that is asked before the handler runs. */
export type ReceiptStore<Extras = unknown> = IdempotencyStore | TransactionalStore<Extras>;

/** Every kind of store. */
export type Store<Extras = unknown> = ReceiptStore<Extras> | Inbox<Extras>;

/** Returns whether a store wraps the work in its own transaction. */
export function isTransactional<Extras>(store: Store<Extras>): store is TransactionalStore<Extras> {
  // An app or a library may have put a `run` on every object.
  return "run" in store && store.run !== Reflect.get(Object.prototype, "run");
}
