import { contract } from "./contract.js";
import { eventTypes, isEventType } from "./events/event.js";
import { findClosest } from "./find-closest.js";
import type { HandlingOptions } from "./options.js";
import { isInbox } from "./stores/inbox.js";
import { type Store, isTransactional } from "./stores/store.js";

/** @throws {TypeError} that names the handler and says what to do */
export function assertHandlers(on: unknown): void {
  if (typeof on !== "object" || on === null)
    throw new TypeError("on is missing: pass an object of handlers by event type.");
  if (!isPlainObject(on)) {
    throw new TypeError("on is an instance of a class: pass a plain object of handlers by event type.");
  }
  for (const [type, handler] of Object.entries(on)) {
    const name = `on[${JSON.stringify(type)}]`;
    if (!isEventType(type) && type !== "*") {
      const meant = findClosest(type, eventTypes);
      throw new TypeError(
        `${name} is not an event type: ${meant === undefined ? 'use "*" for new types' : `did you mean ${JSON.stringify(meant)}?`}`,
      );
    }
    if (handler !== undefined && typeof handler !== "function")
      throw new TypeError(`${name} must be a function.`);
  }
}

/** Plain objects of other realms count: their `Object.prototype` has no prototype either. */
function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** @throws {TypeError} for anything but a store, and for one that forgets too early */
export function assertStore(store: Store): void {
  if (!isStore(store)) {
    throw new TypeError(
      "store is not a store, which has a method claim, run or accept: pass a MemoryStore, redisStore(client), postgresStore(pool) or another store, or an inbox such as sqliteInbox(db).",
    );
  }
  // Deliveries that are forgotten earlier than their last retry would be handled twice.
  if (!(store.retentionSeconds >= contract.minRetentionSeconds)) {
    throw new TypeError(
      `store forgets deliveries that AhaSend can still retry: set retentionSeconds to at least ${contract.minRetentionSeconds} (13 hours).`,
    );
  }
}

function isStore(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { claim, run } = value as { claim?: unknown; run?: unknown };
  return (
    isInbox(value) ||
    typeof claim === "function" ||
    (typeof run === "function" && isTransactional(value as Store))
  );
}

/** The key of a delivery in the store is `endpoint:id`, and an id may have colons. @throws {TypeError} */
export function assertEndpoint(endpoint: unknown): void {
  if (typeof endpoint === "string" && endpoint !== "" && !endpoint.includes(":")) return;
  throw new TypeError("endpoint must be a non-empty string without a colon.");
}

/** The names of the options of receivers and verifiers. */
export const receiverOptionNames = Object.keys({
  on: true,
  store: true,
  work: true,
  endpoint: true,
  deadlineSeconds: true,
  inFlightWaitSeconds: true,
  onStoreError: true,
  validate: true,
  onOutcome: true,
  secret: true,
  secretFormat: true,
  publicKey: true,
  toleranceSeconds: true,
  now: true,
  maxBodyBytes: true,
  bodyTimeoutSeconds: true,
  maxInFlightBytes: true,
} satisfies Record<keyof HandlingOptions | "secret" | "secretFormat" | "publicKey", true>);

/** @throws {TypeError} unless these are options of a receiver or a verifier */
export function assertReceiverOptions(options: object): void {
  if (typeof options !== "object" || options === null) {
    throw new TypeError(`The options must be an object with a secret, not ${String(options)}.`);
  }
  assertKnownOptions(options, receiverOptionNames);
}

/**
 * Refuses options that do not exist: a misspelt one would silently leave its default in force.
 *
 * @param names those that exist
 * @throws {TypeError} that names the option, and the one that is probably meant
 *
 * @example
 * assertKnownOptions(options, ["table", "onWarning"]);
 */
export function assertKnownOptions(options: object, names: readonly string[]): void {
  if (typeof options !== "object" || options === null) {
    throw new TypeError(`The options must be an object, not ${String(options)}.`);
  }
  for (const name of Object.keys(options)) {
    if (names.includes(name)) continue;
    const meant = findClosest(name, names);
    throw new TypeError(
      `${name} is not an option: ${meant === undefined ? `the options are ${names.join(", ")}.` : `did you mean ${meant}?`}`,
    );
  }
}
