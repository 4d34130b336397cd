import type { Claim, IdempotencyStore } from "@ahasend-webhooks/core";

import { type RedisLike, type ScriptRunner, createScriptRunner } from "./script-runner.js";
import { type Script, runScript, scripts } from "./scripts.js";

/** Options of {@link redisStore}. */
export interface RedisStoreOptions {
  /** Stands in front of every key. @default "ahasend-webhooks:" */
  keyPrefix?: string;
  /** Remembers a finished delivery for this many seconds; at least 13 hours. @default 259_200 (72 h) */
  retentionSeconds?: number;
  /** Called once if the server may evict keys, and so forget deliveries. @default console.warn */
  onWarning?: (message: string) => void;
  /** Milliseconds since 1970, for tests. @default the clock of the server */
  now?: () => number;
}

const MIN_RETENTION_SECONDS = 13 * 3600;
const MAX_RETENTION_SECONDS = 10 * 365 * 86_400;

/**
 * Remembers deliveries in Redis, for any number of processes: pass the client of your application (ioredis or
 * node-redis, also of a cluster: each operation touches one key). It stays yours to close, and receivers may share the
 * store.
 *
 * A failover or an eviction can cost a receipt, and so a second run of a handler; it never costs a delivery.
 *
 * @throws {TypeError} for wrong options, or something that is not a Redis client
 *
 * @example
 * createReceiver({ secret, on, store: redisStore(new Redis(process.env.REDIS_URL)) });
 */
export function redisStore(client: RedisLike, options: RedisStoreOptions = {}): IdempotencyStore {
  const { keyPrefix = "ahasend-webhooks:", retentionSeconds = 72 * 3600, now } = options;
  if (!(retentionSeconds >= MIN_RETENTION_SECONDS && retentionSeconds <= MAX_RETENTION_SECONDS)) {
    throw new TypeError(
      "retentionSeconds must be between 13 hours, as long as AhaSend may retry, and 10 years: leave it out for 72 hours.",
    );
  }
  const runner: ScriptRunner = createScriptRunner(client);
  const keepMs = toWholeMs(retentionSeconds * 1000);
  const warnOnce = createEvictionCheck(client, options.onWarning ?? console.warn);

  const run = async (script: Script, key: string, ...args: string[]): Promise<string> => {
    const clock = now === undefined ? "server" : String(now());
    const reply = await runScript(runner, script, keyPrefix + key, [...args, clock]);
    warnOnce();
    return reply;
  };

  return {
    retentionSeconds,
    async claim(key, token, leaseMs): Promise<Claim> {
      const reply = await run(scripts.claim, key, token, toWholeMs(leaseMs), keepMs);
      const [state, number] = reply.split(" ");
      if (state === "claimed") return { state, attempt: Number(number) };
      return state === "busy" ? { state, retryAfterMs: Number(number) } : { state: "done" };
    },
    async renew(key, token, leaseMs) {
      await run(scripts.renew, key, token, toWholeMs(leaseMs), keepMs);
    },
    async commit(key, _token, retainMs) {
      await run(scripts.commit, key, toWholeMs(retainMs));
    },
    async release(key, token) {
      await run(scripts.release, key, token);
    },
  };
}

/** Redis takes whole numbers only. */
function toWholeMs(ms: number): string {
  return String(Math.round(ms));
}

/**
 * A server that evicts keys when its memory is full forgets deliveries exactly when there are many. It is asked when
 * it has answered for the first time: before, a client without an offline queue refuses every command.
 */
function createEvictionCheck(client: RedisLike, warn: (message: string) => void): () => void {
  let asked = false;
  const ask = async (): Promise<void> => {
    try {
      const policy = /maxmemory_policy:(\S+)/.exec(String(await client.info?.("memory")))?.[1];
      if (policy === undefined || policy === "noeviction") return;
      warn(
        `Redis evicts keys when its memory is full (maxmemory-policy ${policy}), and would forget deliveries: set it to noeviction.`,
      );
    } catch {
      // Neither a server that does not say, nor a warning that fails, may stop the store.
    }
  };
  return () => {
    if (!asked) void ask();
    asked = true;
  };
}
