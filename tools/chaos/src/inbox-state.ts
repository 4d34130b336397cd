import { setTimeout as sleep } from "node:timers/promises";

import { type Inbox, type InboxStats, type Store } from "@ahasend-webhooks/core";

/** The state of an inbox, as the engine itself reports it. */
export interface InboxState {
  stats: InboxStats;
  /** Ids of the deliveries that are dead letters. */
  deadLetters: readonly string[];
}

const ALL = 1_000_000;

/** Reads the state of an inbox in a receiver. @throws {TypeError} if its store is not an inbox */
export async function readInboxState<Extras>(store: Store<Extras>): Promise<InboxState> {
  const inbox = store as Inbox<Extras>;
  // In this order: when nothing is waiting or active, no dead letter can be added to the list.
  const stats = await inbox.stats();
  const letters = await inbox.deadLetters.list({ limit: ALL });
  return { stats, deadLetters: letters.map(({ deliveryId }) => deliveryId) };
}

const DRAIN_MS = 120_000;
const DRAIN_PAUSE_MS = 100;
const FETCH_MS = 10_000;

/**
 * Waits until an inbox has nothing to handle.
 *
 * @param ports of the receivers that are up
 * @returns its state then, or the last one if that takes more than two minutes
 */
export async function drainInbox(ports: () => readonly number[]): Promise<InboxState> {
  const giveUpAt = performance.now() + DRAIN_MS;
  for (;;) {
    const state = await fetchState(ports()[0]);
    const isLate = performance.now() > giveUpAt;
    if (state !== undefined && (isLate || state.stats.waiting + state.stats.active === 0)) return state;
    if (isLate) throw new Error("No receiver has returned the state of its inbox for two minutes.");
    await sleep(DRAIN_PAUSE_MS);
  }
}

/** Returns `undefined` if the receiver cannot read it now. */
async function fetchState(port: number | undefined): Promise<InboxState | undefined> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(FETCH_MS) });
    return response.ok ? ((await response.json()) as InboxState) : undefined;
  } catch {
    return undefined;
  }
}
