import { randomUUID } from "node:crypto";

import type { IdempotencyStore, ReceiptStore } from "@ahasend-webhooks/core";

export const LEASE_MS = 15_000;
export const RETAIN_MS = 86_400_000;

/** Returns the calls of a store around a handler. */
export function createHandle<Extras>(store: ReceiptStore<Extras>): (key: string) => unknown {
  if ("run" in store) return (key) => store.run(key, () => Promise.resolve());
  return (key) => {
    const token = randomUUID();
    const commit = () => store.commit(key, token, RETAIN_MS);
    const claim = store.claim(key, token, LEASE_MS);
    return claim instanceof Promise ? claim.then(commit) : commit();
  };
}

/** Enough at a time to keep the server busy. */
export const BATCH = 1000;

/** Commits this many new deliveries. */
export async function fillByCommit(store: IdempotencyStore, deliveries: number): Promise<void> {
  for (let filled = 0; filled < deliveries; filled += BATCH) {
    const size = Math.min(BATCH, deliveries - filled);
    await Promise.all(Array.from({ length: size }, async () => store.commit(createKey(), "", RETAIN_MS)));
  }
}

/** Creates a key as receivers do. */
export function createKey(): string {
  return `default:msg_${randomUUID()}`;
}
