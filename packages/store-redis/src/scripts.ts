import { createHash } from "node:crypto";

import type { ScriptRunner } from "./client.js";

/** A Lua script and the name the server knows it by. */
export interface Script {
  text: string;
  sha: string;
}

/** Milliseconds since 1970 by the server's clock, unless a test brings its own as the last argument. */
const NOW = `
local now = tonumber(ARGV[#ARGV])
if now == nil then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end`;

function script(body: string): Script {
  const text = NOW + body;
  return { text, sha: createHash("sha1").update(text).digest("hex") };
}

/**
 * One hash per delivery: token (empty when nobody owns it), attempt, until (end of the lease), done.
 * Claiming twice with one token is one claim: a client may send a command again when its reply was lost.
 */
export const scripts = {
  /** Arguments: token, lease, keep (both in milliseconds). */
  claim: script(`
local done, token, attempt, till = unpack(redis.call('HMGET', KEYS[1], 'done', 'token', 'attempt', 'until'))
if done then return {'done', 0} end
local owned = token and token ~= ''
if owned and token ~= ARGV[1] and tonumber(till) > now then return {'busy', tonumber(till) - now} end
attempt = tonumber(attempt or 0)
if not (owned and token == ARGV[1]) then attempt = attempt + 1 end
redis.call('HSET', KEYS[1], 'token', ARGV[1], 'attempt', attempt, 'until', now + tonumber(ARGV[2]))
redis.call('PEXPIRE', KEYS[1], math.max(tonumber(ARGV[2]), tonumber(ARGV[3])))
return {'claimed', attempt}`),
  /** Arguments: token, lease, keep. */
  renew: script(`
if redis.call('HGET', KEYS[1], 'token') == ARGV[1] then
  redis.call('HSET', KEYS[1], 'until', now + tonumber(ARGV[2]))
  redis.call('PEXPIRE', KEYS[1], math.max(tonumber(ARGV[2]), tonumber(ARGV[3])))
end
return {'renewed', 0}`),
  /** Arguments: retention. */
  commit: script(`
redis.call('HSET', KEYS[1], 'done', 1)
redis.call('HDEL', KEYS[1], 'token', 'until')
redis.call('PEXPIRE', KEYS[1], tonumber(ARGV[1]))
return {'done', 0}`),
  /** Arguments: token. */
  release: script(`
if redis.call('HGET', KEYS[1], 'token') == ARGV[1] then redis.call('HSET', KEYS[1], 'token', '') end
return {'released', 0}`),
} as const satisfies Record<string, Script>;

/** Runs a script by its name and sends its text only to a server that does not know it (any more). */
export async function runScript(
  runner: ScriptRunner,
  { text, sha }: Script,
  key: string,
  args: string[],
): Promise<unknown> {
  try {
    return await runner.evalSha(sha, key, args);
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith("NOSCRIPT")) throw error;
    return runner.eval(text, key, args);
  }
}
