import { isPromiseLike } from "../promise-like.js";

/** The part of an Observable (RxJS and others) that is used here. */
interface Subscribable {
  subscribe(observer: { next(): void; error(reason: unknown): void; complete(): void }): unknown;
}

const OBSERVABLE: unknown = Reflect.get(Symbol, "observable");
const GENERATORS = ["[object Generator]", "[object AsyncGenerator]"];
/** A list may contain itself. */
const MAX_DEPTH = 3;

/**
 * Waits for everything that a handler returned: promises, lists of them, and Observables, which run only when
 * subscribed to.
 *
 * @throws the error of the work behind it
 * @throws {TypeError} for a generator object: its body has not run
 */
export async function awaitReturned(returned: unknown, depth = MAX_DEPTH): Promise<void> {
  const value = await returned;
  if (typeof value !== "object" || value === null) return;
  if (Array.isArray(value)) {
    const pending = depth === 0 ? [] : value.filter(mayBePending);
    // All of them: a retry must not meet work that still runs.
    const results = await Promise.allSettled(pending.map((one: unknown) => awaitReturned(one, depth - 1)));
    const failure = results.find(({ status }) => status === "rejected");
    if (failure?.status === "rejected") throw failure.reason;
  } else if (isSubscribable(value)) {
    await new Promise<void>((resolve, reject) => {
      value.subscribe({ next: () => undefined, error: reject, complete: resolve });
    });
  } else if (isGenerator(value)) {
    throw new TypeError(
      "The handler is a generator function, so its body never runs: write it as an async function.",
    );
  }
}

function mayBePending(value: unknown): boolean {
  if (isPromiseLike(value) || Array.isArray(value)) return true;
  return typeof value === "object" && value !== null && (isSubscribable(value) || isGenerator(value));
}

function isSubscribable(value: object): value is Subscribable {
  const isObservable = "@@observable" in value || (typeof OBSERVABLE === "symbol" && OBSERVABLE in value);
  return isObservable && "subscribe" in value && typeof value.subscribe === "function";
}

function isGenerator(value: object): boolean {
  return GENERATORS.includes(Object.prototype.toString.call(value));
}
