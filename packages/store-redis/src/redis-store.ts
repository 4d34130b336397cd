import type { Claim, IdempotencyStore } from "@ahasend-webhooks/core";
import { contract } from "@ahasend-webhooks/core/contract";

import { type RedisLike, type RedisCommands, createRedisCommands } from "./redis-commands.js";
import { type Script, runScript, scripts } from "./scripts.js";

/** Options of {@link redisStore}. */
export interface RedisStoreOptions {
  /** Prefix of every key. @default "ahasend-webhooks:" */
  keyPrefix?: string;
  /** Remember a finished delivery for this many seconds: from 46,800 (13 h) to 10 years. @default 259_200 (72 h) */
  retentionSeconds?: number;
  /** Called once if the server may evict keys, and therefore forget deliveries. @default console.warn */
  onWarning?: (message: string) => void;
  /** Returns the time in milliseconds since 1970, for tests. @default the clock of the server */
  now?: () => number;
}

const HOUR_SECONDS = 3600;
const MAX_RETENTION_SECONDS = 10 * 365 * 86_400;

/**
 * Creates a store that remembers deliveries in Redis, for any number of processes.
 *
 * Pass the ioredis or node-redis client of your application, single or cluster: each operation is one script on one key.
 * The store never closes the client. Several receivers may share the store.
 *
 * A failover or an eviction can lose a receipt, so that a handler runs a second time. It cannot lose a delivery.
 *
 * @throws {TypeError} if an option is not valid, or `client` is not a Redis client
 *
 * @example
 * createReceiver({ secret, on, store: redisStore(new Redis(process.env.REDIS_URL)) });
 */
export function redisStore(client: RedisLike, options: RedisStoreOptions = {}): IdempotencyStore {
  const { keyPrefix = "ahasend-webhooks:", retentionSeconds = 72 * HOUR_SECONDS, now } = options;
  const { minRetentionSeconds } = contract;
  if (!(retentionSeconds >= minRetentionSeconds && retentionSeconds <= MAX_RETENTION_SECONDS)) {
    throw new TypeError(
      `retentionSeconds must be from ${minRetentionSeconds} (${minRetentionSeconds / HOUR_SECONDS} hours, to outlast the retries of AhaSend) to ${MAX_RETENTION_SECONDS} (10 years); the default is 72 hours.`,
    );
  }
  const runner: RedisCommands = createRedisCommands(client);
  const retentionMs = toWholeMs(retentionSeconds * 1000);
  const checkEviction = createEvictionCheck(client, options.onWarning ?? console.warn);

  const run = async (script: Script, key: string, ...args: string[]): Promise<string> => {
    const clock = now === undefined ? "server" : String(now());
    const result = await runScript(runner, script, keyPrefix + key, [...args, clock]);
    checkEviction();
    return result;
  };

  return {
    retentionSeconds,
    async claim(key, token, leaseMs): Promise<Claim> {
      const result = await run(scripts.claim, key, token, toWholeMs(leaseMs), retentionMs);
      const [state, number] = result.split(" ");
      if (state === "claimed") return { state, attempt: Number(number) };
      return state === "busy" ? { state, retryAfterMs: Number(number) } : { state: "done" };
    },
    async renew(key, token, leaseMs) {
      await run(scripts.renew, key, token, toWholeMs(leaseMs), retentionMs);
    },
    async commit(key, _token, retainMs) {
      await run(scripts.commit, key, toWholeMs(retainMs));
    },
    async release(key, token) {
      await run(scripts.release, key, token);
    },
  };
}

/** Rounds to whole milliseconds: Redis accepts no fractions. */
function toWholeMs(ms: number): string {
  return String(Math.round(ms));
}

/**
 * Returns a function that warns, on its first call, if the server evicts keys when its memory is full: it would forget
 * deliveries exactly when there are many. Call it after a first successful command: until the client is connected, one
 * without an offline queue rejects every command.
 */
function createEvictionCheck(client: RedisLike, warn: (message: string) => void): () => void {
  let isChecked = false;
  const check = async (): Promise<void> => {
    try {
      const policy = /maxmemory_policy:(\S+)/.exec(String(await client.info?.("memory")))?.[1];
      if (policy === undefined || policy === "noeviction") return;
      warn(
        `Redis evicts keys when its memory is full (maxmemory-policy ${policy}) and would then forget deliveries: set maxmemory-policy to noeviction.`,
      );
    } catch {
      // The check must not break the store: the server may not support INFO, and onWarning may throw.
    }
  };
  return () => {
    if (!isChecked) void check();
    isChecked = true;
  };
}
