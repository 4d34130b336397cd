import { createHash } from "node:crypto";

import type { RedisCommands } from "./redis-commands.js";

/** A Lua script. */
export interface Script {
  source: string;
  /** SHA-1 of the source, under which the server caches it. */
  sha: string;
  /** Matches every valid result: always a string, because clients and type mappings may convert other types. */
  result: RegExp;
}

/** Reads the server's clock in milliseconds since 1970, unless the last argument is a time, as in tests. */
const NOW = `
local now = tonumber(ARGV[#ARGV])
if now == nil then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end`;

function createScript(result: RegExp, body: string): Script {
  const source = NOW + body;
  return { source, sha: createHash("sha1").update(source).digest("hex"), result };
}

/**
 * One hash per delivery: token (empty when no owner holds it), attempt, until (end of the lease), done.
 * Claiming twice with the same token is one claim: a client may resend a command whose reply was lost.
 * HMGET returns false for a missing field on Redis, but not on every compatible server: compare with the value instead.
 */
export const scripts = {
  /** Arguments: token, lease, retention; times in milliseconds. */
  claim: createScript(
    /^(?:done|(?:claimed|busy) [1-9]\d{0,14})$/,
    `
local done, token, attempt, till = unpack(redis.call('HMGET', KEYS[1], 'done', 'token', 'attempt', 'until'))
if done == '1' then return 'done' end
local mine = token == ARGV[1]
local owned = type(token) == 'string' and token ~= ''
if owned and not mine and tonumber(till) > now then return string.format('busy %.0f', tonumber(till) - now) end
attempt = tonumber(attempt) or 0
if not mine then attempt = attempt + 1 end
redis.call('HSET', KEYS[1], 'token', ARGV[1], 'attempt', attempt, 'until', now + tonumber(ARGV[2]))
redis.call('PEXPIRE', KEYS[1], math.max(tonumber(ARGV[2]), tonumber(ARGV[3])))
return string.format('claimed %.0f', attempt)`,
  ),
  /** Arguments: token, lease, retention. */
  renew: createScript(
    /^renewed$/,
    `
if redis.call('HGET', KEYS[1], 'token') == ARGV[1] then
  redis.call('HSET', KEYS[1], 'until', now + tonumber(ARGV[2]))
  redis.call('PEXPIRE', KEYS[1], math.max(tonumber(ARGV[2]), tonumber(ARGV[3])))
end
return 'renewed'`,
  ),
  /** Arguments: retention. */
  commit: createScript(
    /^committed$/,
    `
redis.call('HSET', KEYS[1], 'done', '1')
redis.call('HDEL', KEYS[1], 'token', 'until')
redis.call('PEXPIRE', KEYS[1], tonumber(ARGV[1]))
return 'committed'`,
  ),
  /** Arguments: token. */
  release: createScript(
    /^released$/,
    `
if redis.call('HGET', KEYS[1], 'token') == ARGV[1] then redis.call('HSET', KEYS[1], 'token', '') end
return 'released'`,
  ),
} as const satisfies Record<string, Script>;

/**
 * Runs a script by its SHA, and sends its source only if the server has not cached it.
 *
 * @throws {Error} if the client throws, or the result is not one that the script returns
 */
export async function runScript(
  runner: RedisCommands,
  { source, sha, result }: Script,
  key: string,
  args: string[],
): Promise<string> {
  let value: unknown;
  try {
    value = await runner.evalSha(sha, key, args);
  } catch (error) {
    if (!isNoScriptError(error)) throw error;
    value = await runner.eval(source, key, args);
  }
  // A client that maps strings to buffers returns one.
  const text = ArrayBuffer.isView(value) ? decodeLatin1(value) : value;
  if (typeof text === "string" && result.test(text)) return text;
  throw new Error(
    `Redis returned an unexpected ${typeof text} for a script: pass a client that is not in a transaction and does not transform replies.`,
  );
}

/** Reads the message instead of using `instanceof`: the error may come from another realm. */
function isNoScriptError(error: unknown): boolean {
  return (
    typeof error === "object" &&
    error !== null &&
    "message" in error &&
    /NOSCRIPT/.test(String(error.message))
  );
}

function decodeLatin1({ buffer, byteOffset, byteLength }: ArrayBufferView): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString("latin1");
}
