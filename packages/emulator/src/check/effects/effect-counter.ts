import { setTimeout as pause } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";

import type { AhaSendEventType } from "@ahasend-webhooks/core";

import { type Counts, diffCounts } from "./read-counts.js";

/** The change of a receiver's counts after one delivery. */
export interface EffectPattern {
  type: AhaSendEventType;
  /** The counts that every delivery of the type increases by the same number. */
  paths: readonly string[];
  /** By how much one delivery increases them, all together. */
  increment: number;
}

const POLL_MS = 50;
/** A count that has not changed for this long is taken as final. */
const STEADY_MS = 100;
/** At first it is longer, because other checks have only just ended. */
const INITIAL_STEADY_MS = 500;
/** The types that most receivers act on. */
const LIKELY_TYPES = ["message.delivered", "message.opened", "message.bounced"] as const;

/** Detects the effects of deliveries in the counts of a receiver. */
export class EffectCounter {
  readonly #read: () => Promise<Counts>;
  readonly #timeoutMs: number;
  #pattern: Promise<EffectPattern | undefined> | undefined;

  /** @param timeoutSeconds how long to wait for an effect to show */
  constructor(read: () => Promise<Counts>, timeoutSeconds: number) {
    this.#read = read;
    this.#timeoutMs = timeoutSeconds * 1000;
  }

  /**
   * Finds an event type whose effects can be counted. Later calls return the same.
   *
   * @param deliver delivers a new event of a type
   * @throws {Error} when the counts cannot be read
   */
  detect(deliver: (type: AhaSendEventType) => Promise<unknown>): Promise<EffectPattern | undefined> {
    this.#pattern ??= this.#detect(deliver);
    return this.#pattern;
  }

  /** Returns the sum of the counts that show a pattern. */
  async count({ paths }: EffectPattern): Promise<number> {
    const counts = await this.#read();
    return paths.reduce((sum, path) => sum + (counts.get(path) ?? 0), 0);
  }

  /** Returns the count once it is at least the given one and steady, or when the time is up. */
  waitFor(pattern: EffectPattern, atLeast: number): Promise<number> {
    return this.#waitUntilSteady(
      () => this.count(pattern),
      (count) => count >= atLeast,
    );
  }

  async #detect(deliver: (type: AhaSendEventType) => Promise<unknown>): Promise<EffectPattern | undefined> {
    const initial = await this.#waitUntilSteady(this.#read, () => true, INITIAL_STEADY_MS);
    const changesByItself = diffCounts(initial, await this.#read());
    const deliverAndDiff = async (type: AhaSendEventType) => {
      const before = await this.#read();
      await deliver(type);
      const readChanges = async () =>
        [...diffCounts(before, await this.#read())].filter(([path]) => !changesByItself.has(path));
      return new Map(await this.#waitUntilSteady(readChanges, (changes) => changes.length > 0));
    };
    for (const type of LIKELY_TYPES) {
      const first = await deliverAndDiff(type);
      if (first.size === 0) continue;
      const second = await deliverAndDiff(type);
      const paths = [...first.keys()].filter((path) => first.get(path) === second.get(path));
      const increment = paths.reduce((sum, path) => sum + (first.get(path) ?? 0), 0);
      if (increment > 0) return { type, paths, increment };
    }
    return undefined;
  }

  /** Reads again and again until the value is enough and steady, or the time is up. */
  async #waitUntilSteady<Value>(
    read: () => Promise<Value>,
    isEnough: (value: Value) => boolean,
    steadyMs = STEADY_MS,
  ): Promise<Value> {
    let value = await read();
    let unchangedMs = 0;
    for (
      let waitedMs = 0;
      waitedMs < this.#timeoutMs && !(unchangedMs >= steadyMs && isEnough(value));
      waitedMs += POLL_MS
    ) {
      await pause(POLL_MS);
      const next = await read();
      unchangedMs = isDeepStrictEqual(next, value) ? unchangedMs + POLL_MS : 0;
      value = next;
    }
    return value;
  }
}
