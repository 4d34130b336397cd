import { findClosest } from "./find-closest.js";
import { eventTypes, isEventType } from "./events/event.js";
import type { HandlingOptions } from "./options.js";
import { type Store, isTransactional } from "./stores/store.js";

/** The longest retry horizon is that of inbound routes, about 11 hours; what is forgotten earlier would run twice. */
const MIN_RETENTION_SECONDS = 13 * 3600;

/** @throws {TypeError} that names the handler and the cure */
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

/** A plain object of another realm has another `Object.prototype`, which has no prototype either. */
function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** @throws {TypeError} that says what the store lacks */
export function assertStore(store: Store): void {
  const isStore = typeof store === "object" && store !== null;
  if (!isStore || (!isTransactional(store) && typeof store.claim !== "function")) {
    throw new TypeError(
      "store has neither claim nor run: pass a MemoryStore, redisStore(client) or postgresStore(pool).",
    );
  }
  if (!(store.retentionSeconds >= MIN_RETENTION_SECONDS)) {
    throw new TypeError(
      "store forgets deliveries that AhaSend can still retry: keep them for at least 13 hours (retentionSeconds).",
    );
  }
}

/** It stands in front of the delivery's id in the store, and an id may have colons. @throws {TypeError} */
export function assertEndpoint(endpoint: unknown): void {
  if (typeof endpoint === "string" && endpoint !== "" && !endpoint.includes(":")) return;
  throw new TypeError("endpoint must be a string that is not empty and has no colon.");
}

const OPTION_NAMES = Object.keys({
  on: true,
  store: true,
  endpoint: true,
  deadlineSeconds: true,
  inFlightWaitSeconds: true,
  onStoreError: true,
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

/** A misspelt option would silently leave its default in force. @throws {TypeError} that names it */
export function assertKnownOptions(options: object): void {
  if (typeof options !== "object" || options === null) {
    throw new TypeError(`The options must be an object with a secret, not ${String(options)}.`);
  }
  for (const name of Object.keys(options)) {
    if (OPTION_NAMES.includes(name)) continue;
    const meant = findClosest(name, OPTION_NAMES);
    throw new TypeError(
      `${name} is not an option: ${meant === undefined ? `the options are ${OPTION_NAMES.join(", ")}.` : `did you mean ${meant}?`}`,
    );
  }
}
