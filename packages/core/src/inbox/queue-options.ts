import { MAX_TIMER_SECONDS } from "../contract.js";
import type { InboxSettings } from "./inbox-options.js";

/**
 * Returns the number of deliveries to handle at the same time, for a queue that knows no limits by type and no order.
 *
 * @param factory its name, for the message
 * @throws {TypeError} for `concurrency` by event type and for `orderingKey`
 */
export function toQueueConcurrency({ concurrency, orderingKey }: InboxSettings, factory: string): number {
  if (orderingKey !== undefined) {
    throw new TypeError(
      `orderingKey is not supported by ${factory}: leave it out, or use postgresInbox(pool), sqliteInbox(database) or pgBossInbox(boss).`,
    );
  }
  const { "*": limit = 1, ...byType } = concurrency;
  if (Object.keys(byType).length > 0) {
    throw new TypeError(
      `concurrency by event type is not supported by ${factory}: pass a number, or use postgresInbox(pool) or sqliteInbox(database).`,
    );
  }
  return limit;
}

/**
 * Returns the dead letters to replay or discard.
 *
 * @throws {TypeError} unless they are named
 */
export function toDeadLetterIds(ids: unknown): readonly string[] | "all" {
  if (ids === "all") return ids;
  const list: readonly unknown[] = Array.isArray(ids) ? ids : [ids];
  if (list.every((id) => typeof id === "string")) return [...new Set(list)];
  throw new TypeError('ids must be the id of a dead letter, an array of ids, or "all".');
}

/**
 * Returns how many dead letters to list.
 *
 * @throws {TypeError} unless it is a whole number above 0
 */
export function toDeadLetterLimit({ limit = 100 }: { limit?: number } = {}): number {
  if (Number.isSafeInteger(limit) && limit > 0) return limit;
  throw new TypeError("limit must be a whole number above 0.");
}

/**
 * Returns the milliseconds of an option in seconds.
 *
 * @throws {TypeError} that names the option
 */
export function toOptionMs(option: string, seconds: number): number {
  if (!(seconds > 0 && seconds <= MAX_TIMER_SECONDS)) {
    throw new TypeError(`${option} must be a number above 0, at most ${MAX_TIMER_SECONDS}.`);
  }
  return Math.ceil(seconds * 1000);
}

/** Returns a function that runs an operation until it has succeeded once, and never twice at the same time. */
export function untilSuccess(operation: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => {
    running ??= operation().catch((error: unknown) => {
      running = undefined;
      throw error;
    });
    return running;
  };
}
