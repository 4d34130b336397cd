/** The events that one decorator subscribes to. */
export interface Subscription {
  /** Event types, and `"*"`. */
  keys: readonly string[];
  name: string | undefined;
}

type Subscriptions = ReadonlyMap<string | symbol, readonly Subscription[]>;

/** The metadata key on a class's prototype. Metadata on the method would be lost if another decorator replaces it. */
const SUBSCRIPTIONS = "@ahasend-webhooks/nestjs/subscriptions";

/** Adds a subscription to a method of this prototype. */
export function addSubscription(
  prototype: object,
  method: string | symbol,
  subscription: Subscription,
): void {
  const own = readOwnSubscriptions(prototype);
  const subscriptions = new Map(own).set(method, [...(own?.get(method) ?? []), subscription]);
  Reflect.defineMetadata(SUBSCRIPTIONS, subscriptions, prototype);
}

/** Returns the subscriptions of a prototype's methods, including inherited ones that it does not replace. */
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
