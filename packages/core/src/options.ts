import { WebhookError } from "./errors.js";
import type { Handlers } from "./handler.js";
import { type Keys, type SecretFormat, ed25519Keys, hmacKeys } from "./keys.js";
import type { Observer } from "./outcome.js";
import type { WebhookRequest } from "./request.js";
import { MemoryStore } from "./stores/memory.js";
import type { IdempotencyStore } from "./stores/store.js";

type OneOrMore = string | readonly string[];

/**
 * What signatures are checked with: the secret, or the public key of a sender that signs with Ed25519, or both.
 *
 * Up to 8 of each, so that a new one can be added before the old one is retired.
 */
export type VerificationKeys<Secret> =
  | {
      /** The secret as the AhaSend dashboard shows it, at least 16 characters. */
      secret: Secret;
      /**
       * `raw`: the key is the UTF-8 text of the secret, as AhaSend does it. `base64`: for other Standard Webhooks
       * senders, whose secrets are base64 after `whsec_`.
       * @default "raw"
       */
      secretFormat?: SecretFormat | undefined;
      /** Also accepts `v1a` signatures made with this Ed25519 key: `whpk_…`. */
      publicKey?: OneOrMore | undefined;
    }
  | { publicKey: OneOrMore; secret?: undefined; secretFormat?: undefined };

/** A secret, several (rotation), or a look-up by request, for example by tenant. */
export type SecretSource =
  | OneOrMore
  | ((request: WebhookRequest) => OneOrMore | null | undefined | Promise<OneOrMore | null | undefined>);

/** When a delivery counts as fresh. */
export interface ClockOptions {
  /** How far `webhook-timestamp` may be from now, both ways. @default 300 */
  toleranceSeconds?: number;
  /** Milliseconds since 1970. @default Date.now */
  now?: () => number;
}

/** What a receiver takes in. */
export interface IntakeOptions extends ClockOptions {
  /** The largest body accepted. @default 30_000_000 */
  maxBodyBytes?: number;
  /** How long a body may take to arrive. @default 5 */
  bodyTimeoutSeconds?: number;
  /** What all bodies in flight may take together; beyond it deliveries are put off with 503. @default 10 × maxBodyBytes */
  maxInFlightBytes?: number;
}

/** Options of verification alone. */
export type VerifierOptions = VerificationKeys<SecretSource> & IntakeOptions;

/** Options of {@link createReceiver} beside the keys. */
export interface HandlingOptions extends IntakeOptions {
  on: Handlers;
  /** Remembers which deliveries are done. `false` runs handlers for every copy. @default new MemoryStore() */
  store?: IdempotencyStore | false;
  /** Keeps the deliveries of several endpoints apart in one store. @default "default" */
  endpoint?: string;
  /** When the sender is told to come back because a handler takes too long; AhaSend gives up at 5. @default 4.5 */
  deadlineSeconds?: number;
  /** How long a copy waits for the one that is being handled. @default 3 */
  inFlightWaitSeconds?: number;
  /** What to do when the store fails: `reject` puts the delivery off, `process` handles it without dedupe. @default "reject" */
  onStoreError?: "reject" | "process";
  /** Told about every outcome; may throw or reject without harm. @default one line on the console per kind of trouble */
  onOutcome?: Observer;
}

/** Options of {@link createReceiver}. */
export type ReceiverOptions = VerificationKeys<SecretSource> & HandlingOptions;

/** The longest retry horizon is that of inbound routes, about 11 hours; what is forgotten earlier would run twice. */
const MIN_RETENTION_SECONDS = 13 * 3600;

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
  return {
    keys: resolveKeys(options),
    ...resolveClock(options),
    maxBodyBytes,
    bodyTimeoutSeconds: positive("bodyTimeoutSeconds", options.bodyTimeoutSeconds ?? 5),
    maxInFlightBytes: positive("maxInFlightBytes", options.maxInFlightBytes ?? 10 * maxBodyBytes),
  };
}

/** @throws {TypeError} that names the option and the cure */
export function resolveHandlingOptions(options: HandlingOptions) {
  const { on, endpoint = "default", onStoreError = "reject" } = options;
  const store: IdempotencyStore | false = options.store ?? new MemoryStore();
  if (typeof on !== "object" || on === null)
    throw new TypeError("on is missing: give an object of handlers by event type.");
  for (const [type, handler] of Object.entries(on)) {
    if (handler !== undefined && typeof handler !== "function") {
      throw new TypeError(`on[${JSON.stringify(type)}] is not a function: give a handler or leave it out.`);
    }
  }
  if (typeof endpoint !== "string" || endpoint === "")
    throw new TypeError("endpoint is empty: leave it out or name it.");
  if (store !== false && !(store.retentionSeconds >= MIN_RETENTION_SECONDS)) {
    throw new TypeError(
      "The store forgets deliveries that AhaSend can still retry: keep them for at least 13 hours.",
    );
  }
  if (onStoreError !== "reject" && onStoreError !== "process") {
    throw new TypeError('onStoreError is neither "reject" nor "process": give one of them.');
  }
  const inFlightWaitSeconds = options.inFlightWaitSeconds ?? 3;
  if (inFlightWaitSeconds !== 0) positive("inFlightWaitSeconds", inFlightWaitSeconds);
  return {
    on,
    store,
    endpoint,
    onStoreError,
    inFlightWaitSeconds,
    deadlineSeconds: positive("deadlineSeconds", options.deadlineSeconds ?? 4.5),
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
  const { secret, secretFormat = "raw", publicKey } = options;
  if (secretFormat !== "raw" && secretFormat !== "base64") {
    throw new TypeError('secretFormat is neither "raw" nor "base64": leave it out for AhaSend.');
  }
  return {
    hmac: secret === undefined && publicKey !== undefined ? [] : hmacKeys(secret, secretFormat),
    ed25519: publicKey === undefined ? [] : ed25519Keys(publicKey),
  };
}

function resolveKeys(options: VerificationKeys<SecretSource>): VerifierSettings["keys"] {
  const { secret, ...rest } = options;
  if (typeof secret !== "function") {
    const keys = resolveFixedKeys(options);
    return () => keys;
  }
  if (rest.publicKey !== undefined) ed25519Keys(rest.publicKey);
  return async (request) => {
    try {
      const found = await secret(request);
      if (found == null || found.length === 0) return { hmac: [], ed25519: [] };
      return resolveFixedKeys({ ...rest, secret: found });
    } catch (cause) {
      throw new WebhookError(
        "store_unavailable",
        "The secret could not be looked up: make the secret function return it, or undefined for an unknown sender.",
        { cause, retryAfterSeconds: 5 },
      );
    }
  };
}

function positive(name: string, value: number): number {
  if (typeof value === "number" && Number.isFinite(value) && value > 0) return value;
  throw new TypeError(`${name} is not a number above 0: leave it out for the default.`);
}
