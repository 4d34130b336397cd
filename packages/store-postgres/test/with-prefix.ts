import type { IdempotencyStore } from "@ahasend-webhooks/core";

/** Prefixes the keys of a store, so that several can use one table. */
export function withPrefix(store: IdempotencyStore, prefix: string): IdempotencyStore {
  return {
    retentionSeconds: store.retentionSeconds,
    claim: (key, ...rest) => store.claim(prefix + key, ...rest),
    renew: (key, ...rest) => store.renew(prefix + key, ...rest),
    commit: (key, ...rest) => store.commit(prefix + key, ...rest),
    release: (key, ...rest) => store.release(prefix + key, ...rest),
  };
}
