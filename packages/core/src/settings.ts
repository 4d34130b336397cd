import { assertEndpoint, assertHandlers, assertReceiverOptions, assertStore } from "./assert-options.js";
import { getMinBudgetBytes } from "./intake/budget.js";
import { MAX_TIMER_SECONDS, contract } from "./contract.js";
import { SECRET_VARIABLE, readEnvironmentSecret } from "./signature/environment-secret.js";
import type { HmacKey } from "./signature/hmac.js";
import { type Keys, type SecretFormat, toEd25519Keys, toHmacKeys } from "./signature/keys.js";
import type { EventValidator } from "./events/event-issue.js";
import type { Handlers } from "./handling/handler.js";
import { logOutcomes } from "./log-outcomes.js";
import type {
  ClockOptions,
  HandlingOptions,
  SecretSource,
  StoreOption,
  VerificationKeys,
  VerifierOptions,
} from "./options.js";
import type { OutcomeListener } from "./outcome.js";
import type { WebhookRequest } from "./request.js";
import { createSecretLookUp } from "./signature/secret-look-up.js";
import { MemoryStore } from "./stores/memory.js";
import { isInbox } from "./stores/inbox.js";
import { type Store, isTransactional } from "./stores/store.js";

/** {@link VerifierOptions}, validated and complete. */
export interface VerifierSettings {
  keys: (request: WebhookRequest) => Keys | Promise<Keys>;
  toleranceSeconds: number;
  now: () => number;
  maxBodyBytes: number;
  bodyTimeoutSeconds: number;
  maxInFlightBytes: number;
}

/** @throws {TypeError} that names the option and says what to do */
export function resolveVerifierOptions(options: VerifierOptions): VerifierSettings {
  assertReceiverOptions(options);
  const maxBodyBytes = assertPositive("maxBodyBytes", options.maxBodyBytes ?? contract.maxBodyBytes);
  const leastInFlightBytes = getMinBudgetBytes(maxBodyBytes);
  const maxInFlightBytes = assertPositive(
    "maxInFlightBytes",
    options.maxInFlightBytes ?? Math.max(256_000_000, leastInFlightBytes),
  );
  if (maxInFlightBytes < leastInFlightBytes) {
    throw new TypeError(
      `maxInFlightBytes must be at least ${leastInFlightBytes}, or a body of maxBodyBytes may find no room.`,
    );
  }
  return {
    keys: resolveKeys(options),
    ...resolveClockOptions(options),
    maxBodyBytes,
    maxInFlightBytes,
    bodyTimeoutSeconds: assertTimerSeconds("bodyTimeoutSeconds", options.bodyTimeoutSeconds ?? 5),
  };
}

/** {@link HandlingOptions}, validated and complete. */
export interface HandlingSettings {
  /** `never`, because only `createReceiver` knows what its store adds to the context. */
  on: Handlers<never>;
  store: Store | false;
  work: boolean;
  endpoint: string;
  onStoreError: "reject" | "process";
  validate: EventValidator | undefined;
  onOutcome: OutcomeListener;
  inFlightWaitSeconds: number;
  deadlineSeconds: number;
}

/** @throws {TypeError} that names the option and says what to do */
export function resolveHandlingOptions<ChosenStore extends StoreOption>(
  options: HandlingOptions<ChosenStore>,
): HandlingSettings {
  const { on, endpoint = "default", onStoreError = "reject", work = true, validate } = options;
  const store: Store | false = options.store ?? new MemoryStore();
  assertHandlers(on);
  assertEndpoint(endpoint);
  if (store !== false) assertStore(store);
  if (onStoreError !== "reject" && onStoreError !== "process") {
    throw new TypeError('onStoreError must be "reject" or "process".');
  }
  const inbox = store !== false && isInbox(store) ? store : undefined;
  if (onStoreError === "process" && store !== false && (inbox !== undefined || isTransactional(store))) {
    throw new TypeError(
      'onStoreError must not be "process" with this store: without it, no handler can run. Leave it out.',
    );
  }
  if (typeof work !== "boolean") throw new TypeError("work must be true or false.");
  if (!work && inbox === undefined) {
    throw new TypeError("work: false needs an inbox as the store, from which workers take the deliveries.");
  }
  const maxBodyBytes = options.maxBodyBytes ?? contract.maxBodyBytes;
  if (inbox?.maxBodyBytes !== undefined && maxBodyBytes > inbox.maxBodyBytes) {
    throw new TypeError(
      `maxBodyBytes is ${maxBodyBytes}, but this inbox keeps at most ${inbox.maxBodyBytes} bytes: set maxBodyBytes to that, or use another inbox.`,
    );
  }
  if (validate !== undefined && typeof validate !== "function") {
    throw new TypeError("validate must be a function that returns a list of issues, such as validateEvent.");
  }
  const onOutcome = options.onOutcome ?? logOutcomes(console);
  if (typeof onOutcome !== "function") {
    throw new TypeError("onOutcome must be a function: for a logger, pass logOutcomes(logger).");
  }
  const inFlightWaitSeconds = options.inFlightWaitSeconds ?? 3;
  if (inFlightWaitSeconds !== 0) assertTimerSeconds("inFlightWaitSeconds", inFlightWaitSeconds);
  const deadlineSeconds = assertTimerSeconds("deadlineSeconds", options.deadlineSeconds ?? 4.5);
  if (deadlineSeconds >= contract.attemptTimeoutSeconds) {
    console.warn(
      `[ahasend-webhooks] deadlineSeconds is ${deadlineSeconds}, but AhaSend gives up after ${contract.attemptTimeoutSeconds} s: it would count the attempt as failed before the reply.`,
    );
  }
  const seconds = { inFlightWaitSeconds, deadlineSeconds };
  return { on, store, work, endpoint, onStoreError, validate, onOutcome, ...seconds };
}

/** {@link ClockOptions}, validated and complete. @throws {TypeError} that names the option and says what to do */
export function resolveClockOptions(options: ClockOptions): Required<ClockOptions> {
  // Read when used: tests replace `Date` after this has run.
  const { now = () => Date.now() } = options;
  if (typeof now !== "function")
    throw new TypeError("now must be a function that returns milliseconds since 1970.");
  return {
    now,
    toleranceSeconds: assertPositive(
      "toleranceSeconds",
      options.toleranceSeconds ?? contract.toleranceSeconds,
    ),
  };
}

/** The keys that do not depend on a request. @throws {TypeError} that names the option and says what to do */
export function resolveFixedKeys(options: VerificationKeys<unknown>): Keys {
  const { secretFormat, publicKey } = options;
  const format = resolveFormat(secretFormat);
  return {
    hmac: resolveHmacKeys(options, format),
    ed25519: publicKey === undefined ? [] : toEd25519Keys(publicKey),
  };
}

function resolveHmacKeys(options: VerificationKeys<unknown>, format: SecretFormat): HmacKey[] {
  const { secret, publicKey } = options;
  if (secret === undefined && publicKey !== undefined) return [];
  // A secret that is `undefined` was meant to be another one: the wrong one would refuse every delivery.
  if ("secret" in options) return toHmacKeys(secret, format);
  return toHmacKeys(readEnvironmentSecret(), format, SECRET_VARIABLE);
}

function resolveKeys(options: VerificationKeys<SecretSource>): VerifierSettings["keys"] {
  const { secret, ...rest } = options;
  if (typeof secret !== "function") {
    const keys = resolveFixedKeys(options);
    return () => keys;
  }
  const ed25519 = rest.publicKey === undefined ? [] : toEd25519Keys(rest.publicKey);
  return createSecretLookUp(secret, resolveFormat(rest.secretFormat), ed25519);
}

function resolveFormat(format: SecretFormat = "raw"): SecretFormat {
  if (format === "raw" || format === "base64") return format;
  throw new TypeError('secretFormat must be "raw" or "base64": leave it out for AhaSend.');
}

/** A time that a timer can run. @throws {TypeError} that names the option and says what to do */
export function assertTimerSeconds(name: string, seconds: number): number {
  if (assertPositive(name, seconds) <= MAX_TIMER_SECONDS) return seconds;
  throw new TypeError(`${name} must be at most ${MAX_TIMER_SECONDS} (24 days).`);
}

function assertPositive(name: string, value: number): number {
  if (typeof value === "number" && Number.isFinite(value) && value > 0) return value;
  throw new TypeError(`${name} must be a number above 0.`);
}
