import {
  type Claim,
  type IdempotencyStore,
  assertKnownOptions,
  toQuietWarning,
} from "@ahasend-webhooks/core";
import { contract } from "@ahasend-webhooks/core/contract";

import { type RedisLike, createRedisCommands } from "./redis-commands.js";
import { readReply } from "./replies.js";
import { DONE, type Script, runScript, scripts } from "./scripts.js";

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

const OPTIONS = Object.keys({
  keyPrefix: true,
  retentionSeconds: true,
  onWarning: true,
  now: true,
} satisfies Record<keyof RedisStoreOptions, true>);

const HOUR_SECONDS = 3600;
const MAX_RETENTION_SECONDS = 10 * 365 * 86_400;
/** The reply of SET. */
const OK = /^OK$/;

/**
 * Creates a store that remembers deliveries in Redis, for any number of processes.
 *
 * Pass the ioredis or node-redis client of your application, single or cluster: each command is on one key.
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
  assertKnownOptions(options, OPTIONS);
  const { keyPrefix = "ahasend-webhooks:", retentionSeconds = 72 * HOUR_SECONDS, now } = options;
  const { minRetentionSeconds } = contract;
  if (!(retentionSeconds >= minRetentionSeconds && retentionSeconds <= MAX_RETENTION_SECONDS)) {
    throw new TypeError(
      `retentionSeconds must be from ${minRetentionSeconds} (${minRetentionSeconds / HOUR_SECONDS} hours, to outlast the retries of AhaSend) to ${MAX_RETENTION_SECONDS} (10 years); the default is 72 hours.`,
    );
  }
  const commands = createRedisCommands(client);
  const retentionMs = toWholeMs(retentionSeconds * 1000);
  const checkEviction = createEvictionCheck(client, toQuietWarning(options.onWarning));

  const createLease = (leaseMs: number) => {
    const ms = toWholeMs(leaseMs);
    const lifetime = Math.max(ms, retentionMs);
    const time = now?.();
    return { ms, lifetime, till: time === undefined ? lifetime - ms : time + ms, clock: time ?? "server" };
  };
  const run = (script: Script, key: string, token: string, lease?: ReturnType<typeof createLease>) => {
    const args = lease === undefined ? [] : [lease.ms, lease.lifetime, lease.till, lease.clock].map(String);
    return runScript(commands, script, keyPrefix + key, [token, ...args]);
  };

  return {
    retentionSeconds,
    async claim(key, token, leaseMs): Promise<Claim> {
      const lease = createLease(leaseMs);
      // Most deliveries are new: a plain command takes the server half the time of a script.
      const reply = await commands.setNew(keyPrefix + key, `1 ${lease.till} ${token}`, lease.lifetime);
      checkEviction();
      if (reply !== null) {
        readReply(reply, OK);
        return { state: "claimed", attempt: 1 };
      }
      const [state, number] = (await run(scripts.claim, key, token, lease)).split(" ");
      if (state === "claimed") return { state, attempt: Number(number) };
      return state === "busy" ? { state, retryAfterMs: Number(number) } : { state: "done" };
    },
    async renew(key, token, leaseMs) {
      await run(scripts.renew, key, token, createLease(leaseMs));
    },
    async commit(key, _token, retainMs) {
      // Whoever holds the lease now: the effect exists, and the receipt outlasts the retries from here on.
      readReply(await commands.set(keyPrefix + key, DONE, toWholeMs(retainMs)), OK);
    },
    async release(key, token) {
      await run(scripts.release, key, token);
    },
  };
}

/** Rounds to whole milliseconds: Redis accepts no fractions. */
function toWholeMs(ms: number): number {
  return Math.round(ms);
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
      // The check must not break the store: the server may not support INFO.
    }
  };
  return () => {
    if (!isChecked) void check();
    isChecked = true;
  };
}
