import { callQuietly } from "../call-quietly.js";
import { MAX_TIMER_SECONDS, contract } from "../contract.js";
import {
  type AhaSendEvent,
  type AhaSendEventType,
  type UnknownEvent,
  eventTypes,
  isEventType,
} from "../events/event.js";
import { findClosest } from "../find-closest.js";

/**
 * The number of deliveries that a process handles at the same time: one number, or one by event type, where `"*"` stands for all
 * other types together.
 */
export type Concurrency = number | { readonly [Type in AhaSendEventType | "*"]?: number };

/** Options that every inbox has. */
export interface InboxOptions {
  /** Deliveries that this process handles at the same time. Each takes the memory of its body. @default 8 */
  concurrency?: Concurrency;
  /** A delivery becomes a dead letter when this many attempts have failed. @default 20, about 8 hours */
  maxAttempts?: number;
  /**
   * Returns the pause before the next attempt in seconds.
   * @default 1 s, doubled for each failure up to an hour, ± 25 %
   */
  backoffSeconds?: (failures: number) => number;
  /** An attempt fails when its handler has not finished after this many seconds. @default 900 */
  handlerTimeoutSeconds?: number;
  /** Deliveries with the same key are handled one at a time, in the order of their arrival. @default no order */
  orderingKey?: (event: AhaSendEvent | UnknownEvent) => string | undefined;
  /** A handled delivery is remembered for this many seconds, so that duplicates are recognized. @default 604_800 (7 days) */
  retentionSeconds?: number;
}

/** The names of {@link InboxOptions}. */
export const inboxOptionNames = Object.keys({
  concurrency: true,
  maxAttempts: true,
  backoffSeconds: true,
  handlerTimeoutSeconds: true,
  orderingKey: true,
  retentionSeconds: true,
} satisfies Record<keyof InboxOptions, true>);

/** {@link InboxOptions}, validated and complete. */
export interface InboxSettings {
  concurrency: Readonly<Partial<Record<string, number>>>;
  maxAttempts: number;
  /** Never longer than a timer can run. */
  backoffMs: (failures: number) => number;
  handlerTimeoutMs: number;
  orderingKey: InboxOptions["orderingKey"];
  retentionSeconds: number;
}

const MAX_BACKOFF_SECONDS = 3600;
const BACKOFF_JITTER = 0.25;

/**
 * Validates the options that every inbox has.
 *
 * @param random from 0 to 1
 * @throws {TypeError} that names the option and says what to do
 */
export function resolveInboxOptions(
  options: InboxOptions,
  random: () => number = Math.random,
): InboxSettings {
  const { maxAttempts = 20, handlerTimeoutSeconds = 900, retentionSeconds = 604_800 } = options;
  const { orderingKey, backoffSeconds = (failures: number) => defaultBackoffSeconds(failures, random) } =
    options;
  if (!isCount(maxAttempts)) throw new TypeError("maxAttempts must be a whole number above 0.");
  if (!(handlerTimeoutSeconds > 0 && handlerTimeoutSeconds <= MAX_TIMER_SECONDS)) {
    throw new TypeError(`handlerTimeoutSeconds must be a number above 0, at most ${MAX_TIMER_SECONDS}.`);
  }
  if (!(retentionSeconds >= contract.minRetentionSeconds && retentionSeconds < Infinity)) {
    throw new TypeError(
      `retentionSeconds must be at least ${contract.minRetentionSeconds} (13 hours): AhaSend retries that long.`,
    );
  }
  if (typeof backoffSeconds !== "function") {
    throw new TypeError("backoffSeconds must be a function of the number of failures, or left out.");
  }
  if (orderingKey !== undefined && typeof orderingKey !== "function") {
    throw new TypeError("orderingKey must be a function of the event, or left out.");
  }
  return {
    concurrency: resolveConcurrency(options.concurrency ?? 8),
    maxAttempts,
    backoffMs: (failures) => toBackoffMs(() => backoffSeconds(failures)),
    handlerTimeoutMs: handlerTimeoutSeconds * 1000,
    orderingKey,
    retentionSeconds,
  };
}

function resolveConcurrency(concurrency: Concurrency): InboxSettings["concurrency"] {
  const isByType =
    typeof concurrency === "object" && concurrency !== null && !(Symbol.iterator in concurrency);
  const byType = isByType ? { ...concurrency } : { "*": concurrency as number };
  for (const [type, limit] of Object.entries(byType)) {
    if (type !== "*" && !isEventType(type)) {
      const meant = findClosest(type, eventTypes);
      throw new TypeError(
        `concurrency[${JSON.stringify(type)}] is not an event type: use "*" for all other types.${meant === undefined ? "" : ` Did you mean "${meant}"?`}`,
      );
    }
    if (!isCount(limit))
      throw new TypeError("concurrency must be a whole number above 0, or one by event type.");
  }
  // Without it, other types would never be handled.
  return { "*": 8, ...byType };
}

function defaultBackoffSeconds(failures: number, random: () => number): number {
  const seconds = Math.min(2 ** (failures - 1), MAX_BACKOFF_SECONDS);
  return seconds * (1 + BACKOFF_JITTER * (2 * random() - 1));
}

/** A function that throws or returns nonsense, such as a promise, must not lose a delivery. */
function toBackoffMs(backoffSeconds: () => unknown): number {
  let seconds: unknown;
  callQuietly(() => (seconds = backoffSeconds()));
  const isValid = typeof seconds === "number" && seconds >= 0;
  return isValid
    ? Math.round(Math.min(seconds as number, MAX_TIMER_SECONDS) * 1000)
    : MAX_BACKOFF_SECONDS * 1000;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0;
}
