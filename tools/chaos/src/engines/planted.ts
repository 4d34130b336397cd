import type { IdempotencyStore, Receiver } from "@ahasend-webhooks/core";

/** Typical bugs of receivers. The oracle must find each of them, or it proves nothing. */
export const plantedBugs = [
  "busy is 200",
  "early 202",
  "LRU store",
  "release while running",
  "accepted before it is kept",
  "settled before it is handled",
  "dead letter dropped",
  "retry lost at restart",
  "two workers on one key",
] as const;

export type PlantedBug = (typeof plantedBugs)[number];

/** Number of deliveries that the LRU store remembers. */
const LRU_ENTRIES = 20;

/** Returns a receiver with a bug in its replies. */
export function plantInReceiver(receiver: Receiver, bug: PlantedBug | undefined): Receiver {
  if (bug === "busy is 200") {
    const receive: Receiver["receive"] = async (request) => {
      const reply = await receiver.receive(request);
      return reply.status === 409 ? { ...reply, status: 200 } : reply;
    };
    return { ...receiver, receive };
  }
  if (bug === "early 202") {
    const receive: Receiver["receive"] = (request) => {
      void receiver.receive(request);
      return Promise.resolve({ status: 202, headers: {}, body: "" });
    };
    return { ...receiver, receive };
  }
  return receiver;
}

/** Returns a store with a bug in its memory. */
export function plantInStore(
  store: IdempotencyStore,
  bug: PlantedBug | undefined,
  { forget, deadlineMs }: { forget: (key: string) => Promise<unknown>; deadlineMs: number },
): IdempotencyStore {
  if (bug === "LRU store") {
    const recent: string[] = [];
    return {
      ...store,
      async claim(key, token, leaseMs) {
        recent.push(key);
        const oldest = recent.length > LRU_ENTRIES ? recent.shift() : undefined;
        if (oldest !== undefined) await forget(oldest);
        return store.claim(key, token, leaseMs);
      },
    };
  }
  if (bug === "release while running") {
    return {
      ...store,
      async claim(key, token, leaseMs) {
        const claim = await store.claim(key, token, leaseMs);
        if (claim.state === "claimed") setTimeout(() => void store.release(key, token), deadlineMs).unref();
        return claim;
      },
    };
  }
  return store;
}
