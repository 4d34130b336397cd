import { WebhookError } from "./errors.js";
import { isEventType } from "./events/event.js";
import { type Keys, type SecretFormat, ed25519Keys, hmacKeys } from "./keys.js";
import type {
  ClockOptions,
  HandlingOptions,
  OneOrMore,
  SecretSource,
  StoreOption,
  VerificationKeys,
  VerifierOptions,
} from "./options.js";
import type { WebhookRequest } from "./request.js";
import { MemoryStore } from "./stores/memory.js";
import { type Store, isTransactional } from "./stores/store.js";
import { within } from "./within.js";

/** The longest retry horizon is that of inbound routes, about 11 hours; what is forgotten earlier would run twice. */
const MIN_RETENTION_SECONDS = 13 * 3600;

/** Large bodies count twice and leave an eighth to small ones: with less, the largest one would be refused for ever. */
const MIN_BODIES_IN_FLIGHT = 2.5;

/** A look-up runs before anything is verified: a stranger must not be able to pile up slow ones. */
const LOOK_UP_MS = 3000;

/** {@link VerifierOptions}, checked and complete. */
export interface VerifierSettings {
  keys: (request: WebhookRequest) => Keys | Promise<Keys>;
  toleranceSeconds: number;
  now: () => number;
  maxBodyBytes: number;
  bodyTimeoutSeconds: number;
  maxInFlightBytes: number;
}

/** @throws {TypeError} that names the option and the cure */
export function resolveVerifierOptions(options: VerifierOptions): VerifierSettings {
  const maxBodyBytes = positive("maxBodyBytes", options.maxBodyBytes ?? 30_000_000);
  const leastInFlightBytes = MIN_BODIES_IN_FLIGHT * maxBodyBytes;
  const maxInFlightBytes = positive(
    "maxInFlightBytes",
    options.maxInFlightBytes ?? Math.max(256_000_000, leastInFlightBytes),
  );
  if (maxInFlightBytes < leastInFlightBytes) {
    throw new TypeError(
      `maxInFlightBytes has no room for a body of maxBodyBytes: give at least ${MIN_BODIES_IN_FLIGHT} times as much.`,
    );
  }
  return {
    keys: resolveKeys(options),
    ...resolveClock(options),
    maxBodyBytes,
    maxInFlightBytes,
    bodyTimeoutSeconds: timer("bodyTimeoutSeconds", options.bodyTimeoutSeconds ?? 5),
  };
}

/** @throws {TypeError} that names the option and the cure */
export function resolveHandlingOptions<Chosen extends StoreOption>(options: HandlingOptions<Chosen>) {
  const { on, endpoint = "default", onStoreError = "reject" } = options;
  const store: Store | false = options.store ?? new MemoryStore();
  if (typeof on !== "object" || on === null)
    throw new TypeError("on is missing: give an object of handlers by event type.");
  if (![Object.prototype, null].includes(Object.getPrototypeOf(on))) {
    throw new TypeError("on is an instance of a class: give a plain object of handlers by event type.");
  }
  for (const [type, handler] of Object.entries(on)) {
    if (!isEventType(type) && type !== "*") {
      throw new TypeError(
        `on[${JSON.stringify(type)}] is no event type: mend its name, or use "*" for new types.`,
      );
    }
    if (handler !== undefined && typeof handler !== "function") {
      throw new TypeError(`on[${JSON.stringify(type)}] is not a function: give a handler or leave it out.`);
    }
  }
  // It stands in front of the delivery's id in the store, and an id may have colons.
  if (typeof endpoint !== "string" || endpoint === "" || endpoint.includes(":"))
    throw new TypeError("endpoint is empty or has a colon: leave it out or name it otherwise.");
  if (store !== false && !(store.retentionSeconds >= MIN_RETENTION_SECONDS)) {
    throw new TypeError(
      "The store forgets deliveries that AhaSend can still retry: keep them for at least 13 hours.",
    );
  }
  if (store !== false && !isTransactional(store) && typeof store.claim !== "function") {
    throw new TypeError(
      "The store has neither claim nor run: give a MemoryStore or the store of a database.",
    );
  }
  if (onStoreError !== "reject" && onStoreError !== "process") {
    throw new TypeError('onStoreError is neither "reject" nor "process": give one of them.');
  }
  if (onStoreError === "process" && store !== false && isTransactional(store)) {
    throw new TypeError(
      'onStoreError is "process", but handlers need the store\'s transaction: leave it out.',
    );
  }
  const inFlightWaitSeconds = options.inFlightWaitSeconds ?? 3;
  if (inFlightWaitSeconds !== 0) timer("inFlightWaitSeconds", inFlightWaitSeconds);
  return {
    on,
    store,
    endpoint,
    onStoreError,
    inFlightWaitSeconds,
    deadlineSeconds: timer("deadlineSeconds", options.deadlineSeconds ?? 4.5),
  } as const;
}

/** {@link ClockOptions}, checked and complete. @throws {TypeError} that names the option and the cure */
export function resolveClock(options: ClockOptions): Required<ClockOptions> {
  const { now = Date.now } = options;
  if (typeof now !== "function")
    throw new TypeError("now is not a function: give one that returns milliseconds.");
  return { now, toleranceSeconds: positive("toleranceSeconds", options.toleranceSeconds ?? 300) };
}

/** The keys that do not depend on a request. @throws {TypeError} that names the option and the cure */
export function resolveFixedKeys(options: VerificationKeys<unknown>): Keys {
  const { secret, secretFormat, publicKey } = options;
  const format = resolveFormat(secretFormat);
  return {
    hmac: secret === undefined && publicKey !== undefined ? [] : hmacKeys(secret, format),
    ed25519: publicKey === undefined ? [] : ed25519Keys(publicKey),
  };
}

function resolveKeys(options: VerificationKeys<SecretSource>): VerifierSettings["keys"] {
  const { secret, ...rest } = options;
  if (typeof secret !== "function") {
    const keys = resolveFixedKeys(options);
    return () => keys;
  }
  const keysOf = (found: OneOrMore | null | undefined): Keys => ({
    hmac: found == null || found.length === 0 ? [] : hmacKeys(found, resolveFormat(rest.secretFormat)),
    ed25519,
  });
  const ed25519 = rest.publicKey === undefined ? [] : ed25519Keys(rest.publicKey);
  resolveFormat(rest.secretFormat);
  return async (request) => {
    try {
      return keysOf(await within(LOOK_UP_MS, Promise.resolve(secret(request))));
    } catch (cause) {
      throw new WebhookError(
        "secret_unavailable",
        "The secret could not be looked up: make the secret function return it in time, or undefined for an unknown sender.",
        { cause, retryAfterSeconds: 5 },
      );
    }
  };
}

function resolveFormat(format: SecretFormat = "raw"): SecretFormat {
  if (format === "raw" || format === "base64") return format;
  throw new TypeError('secretFormat is neither "raw" nor "base64": leave it out for AhaSend.');
}

/** Longer times overflow a timer, which then fires at once. */
const MAX_TIMER_SECONDS = 2_147_483;

/** A time that a timer can run. @throws {TypeError} that names the option and the cure */
export function timer(name: string, seconds: number): number {
  if (positive(name, seconds) <= MAX_TIMER_SECONDS) return seconds;
  throw new TypeError(`${name} is longer than 24 days: give less.`);
}

function positive(name: string, value: number): number {
  if (typeof value === "number" && Number.isFinite(value) && value > 0) return value;
  throw new TypeError(`${name} is not a number above 0: leave it out for the default.`);
}
