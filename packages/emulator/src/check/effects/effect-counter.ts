import { setTimeout as pause } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";

import type { AhaSendEventType } from "@ahasend-webhooks/core";

import { type Reading, growth } from "./read-counts.js";

/** How one delivery shows in what a receiver has counted. */
export interface Shown {
  type: AhaSendEventType;
  /** The numbers that every delivery of the type lets grow by the same. */
  places: readonly string[];
  /** By how much, all of them together. */
  by: number;
}

const POLL_MS = 50;
/** How long an effect may take to show. */
const PATIENCE_MS = 2000;
/** What has not changed for so long is taken for complete; at first for longer, because other checks have just ended. */
const STEADY_MS = 100;
const QUIET_MS = 500;
/** The types that most receivers do something with. */
const LIKELY_TYPES = ["message.delivered", "message.opened", "message.bounced"] as const;

/** Finds in what a receiver has counted which effects its handlers have had. */
export class EffectCounter {
  readonly #read: () => Promise<Reading>;
  #shown: Promise<Shown | undefined> | undefined;

  constructor(read: () => Promise<Reading>) {
    this.#read = read;
  }

  /**
   * Finds a type whose effects can be counted, once for all.
   *
   * @param deliver delivers a new event of a type
   * @throws {Error} when nothing can be read
   */
  shown(deliver: (type: AhaSendEventType) => Promise<unknown>): Promise<Shown | undefined> {
    this.#shown ??= this.#find(deliver);
    return this.#shown;
  }

  /** What has been counted until now. */
  async count({ places }: Shown): Promise<number> {
    const reading = await this.#read();
    return places.reduce((sum, place) => sum + (reading.get(place) ?? 0), 0);
  }

  /** What has been counted when it is enough, or has had its time, and stands still. */
  settled(shown: Shown, enough: number): Promise<number> {
    return settled(
      () => this.count(shown),
      (count) => count >= enough,
    );
  }

  async #find(deliver: (type: AhaSendEventType) => Promise<unknown>): Promise<Shown | undefined> {
    const quiet = await settled(this.#read, () => true, QUIET_MS);
    const idle = growth(quiet, await this.#read());
    const grown = async (type: AhaSendEventType) => {
      const before = await this.#read();
      await deliver(type);
      const changes = async () =>
        [...growth(before, await this.#read())].filter(([place]) => !idle.has(place));
      return new Map(await settled(changes, (changed) => changed.length > 0));
    };
    for (const type of LIKELY_TYPES) {
      const first = await grown(type);
      if (first.size === 0) continue;
      const second = await grown(type);
      const places = [...first.keys()].filter((place) => first.get(place) === second.get(place));
      const by = places.reduce((sum, place) => sum + (first.get(place) ?? 0), 0);
      if (by > 0) return { type, places, by };
    }
    return undefined;
  }
}

/** Asks until the answer is enough, if that is not asked for too long, and stays the same for so long. */
async function settled<Value>(
  ask: () => Promise<Value>,
  isEnough: (value: Value) => boolean,
  steadyMs = STEADY_MS,
): Promise<Value> {
  let value = await ask();
  let sameMs = 0;
  for (
    let waitedMs = 0;
    waitedMs < PATIENCE_MS && !(sameMs >= steadyMs && isEnough(value));
    waitedMs += POLL_MS
  ) {
    await pause(POLL_MS);
    const next = await ask();
    sameMs = isDeepStrictEqual(next, value) ? sameMs + POLL_MS : 0;
    value = next;
  }
  return value;
}
