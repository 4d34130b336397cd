import type { Lease, ClaimResult } from "./lease.js";
import { isWebhookError } from "../errors.js";
import { OPERATION_MS, callStore, callStoreQuietly, storeUnavailable } from "./store-call.js";
import { toTransactionResult } from "../stores/replies.js";
import type { TransactionalStore } from "../stores/store.js";

/**
 * Tries to claim a delivery by opening the store's transaction, which is kept open until the lease is completed or
 * released. If all connections are in use, it waits for one as long as for another owner.
 *
 * @throws {WebhookError} `store_unavailable`
 */
export async function claimInTransaction(
  store: TransactionalStore,
  key: string,
  waitMs: number,
): Promise<ClaimResult> {
  const transaction = new Transaction(store, key);
  try {
    return await callStore(() => transaction.taken, Math.max(waitMs, OPERATION_MS));
  } catch (error) {
    // It is no longer awaited: the next attempt does the work.
    transaction.abandon(new Error("The transaction began too late."));
    throw error;
  }
}

type Work = () => Promise<void>;

/** One call of `run`: the store's callback waits for the receiver's work, the receiver for the result. */
class Transaction implements Lease {
  /** An attempt that fails leaves nothing behind, not even a count. */
  readonly attempt = 1;
  extras?: object;
  readonly taken: Promise<ClaimResult>;
  readonly #called = deferred();
  readonly #work = deferred<Work>();
  readonly #undone = deferred<never>();
  readonly #reply: Promise<unknown>;
  #calls = 0;
  /** The outcome of the work; `undefined` while it runs. */
  #ending: { failure: unknown } | "success" | undefined;

  constructor(store: TransactionalStore, key: string) {
    this.#undone.promise.catch(() => undefined);
    this.#reply = Promise.resolve().then(() => store.run(key, (extras) => this.#handled(this.#call(extras))));
    this.taken = Promise.race([
      this.#called.promise.then((): ClaimResult => ({ state: "claimed", lease: this })),
      this.#reply.then((reply): ClaimResult => {
        const result = toTransactionResult(reply);
        if (result.state === "committed" || this.#calls > 0) throw this.#broken();
        return result;
      }),
    ]);
  }

  /**
   * The callback that the store gets. It awaits the work instead of leaving it to the receiver, so that the handler
   * runs in the async context of this call.
   */
  async #call(extras: unknown): Promise<void> {
    this.#calls += 1;
    if (this.#calls > 1) throw this.#broken();
    if (typeof extras === "object" && extras !== null) this.extras = { ...extras };
    this.#called.resolve();
    const work = await Promise.race([this.#work.promise, this.#undone.promise]);
    try {
      await Promise.race([work(), this.#undone.promise]);
      this.#ending = "success";
    } catch (failure) {
      this.#ending = { failure };
      throw failure;
    }
  }

  /** A store that drops the promise of the work must not end the process when the work fails. */
  #handled(call: Promise<void>): Promise<void> {
    call.catch(() => undefined);
    return call;
  }

  async complete(work: Work): Promise<undefined> {
    this.#work.resolve(work);
    try {
      const reply = await Promise.race([this.#reply, this.#undone.promise]);
      if (typeof this.#ending === "object") throw this.#ending.failure;
      const { state } = toTransactionResult(reply);
      if (state !== "committed" || this.#ending === undefined || this.#calls > 1) throw this.#broken();
      return undefined;
    } catch (error) {
      // A refusal comes from the work; any other error from the store: the transaction may or may not be committed.
      throw isWebhookError(error) ? error : storeUnavailable(error);
    } finally {
      this.abandon(new Error("The transaction has ended."));
    }
  }

  async release(): Promise<void> {
    this.abandon(new Error("The delivery was released."));
    await callStoreQuietly(async () => void (await this.#reply));
  }

  /** A transaction stays open until it is ended. */
  keepAlive(): void {}

  abandon(reason: Error): void {
    this.#undone.reject(reason);
  }

  #broken(): Error {
    return new Error(
      "The store's run() must call the work once, wait for it and then resolve to committed, or not call it at all.",
    );
  }
}

function deferred<T = void>() {
  let resolve: (value: T) => void = () => undefined;
  let reject: (reason: unknown) => void = () => undefined;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
