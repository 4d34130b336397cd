/** The events that one decorator asks for. */
export interface Subscription {
  /** Event types, or `"*"`. */
  keys: readonly string[];
  name: string | undefined;
}

type Subscriptions = ReadonlyMap<string | symbol, readonly Subscription[]>;

/** The key of a class's own subscriptions. On the function itself a decorator above, which replaces it, would hide them. */
const SUBSCRIPTIONS = "@ahasend-webhooks/nestjs/subscriptions";

/** Adds to what the decorators have asked for so far for a method of this prototype. */
export function addSubscription(
  prototype: object,
  method: string | symbol,
  subscription: Subscription,
): void {
  const own = readOwnSubscriptions(prototype);
  const subscriptions = new Map(own).set(method, [...(own?.get(method) ?? []), subscription]);
  Reflect.defineMetadata(SUBSCRIPTIONS, subscriptions, prototype);
}

/** Returns the subscriptions of a prototype's methods, with those that it inherits and does not replace. */
export function readSubscriptions(prototype: object): Subscriptions {
  const parent: unknown = Object.getPrototypeOf(prototype);
  const inherited = isObject(parent) ? readSubscriptions(parent) : [];
  return new Map([...inherited, ...(readOwnSubscriptions(prototype) ?? [])]);
}

export function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function readOwnSubscriptions(prototype: object): Subscriptions | undefined {
  return Reflect.getOwnMetadata(SUBSCRIPTIONS, prototype) as Subscriptions | undefined;
}
