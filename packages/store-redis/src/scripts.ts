import { createHash } from "node:crypto";

import type { ScriptRunner } from "./script-runner.js";

/** A Lua script and the name the server knows it by. */
export interface Script {
  text: string;
  sha: string;
  /** The replies it can give: one string, which every client and type mapping leaves as it is. */
  reply: RegExp;
}

/** Milliseconds since 1970 by the server's clock, unless a test brings its own as the last argument. */
const NOW = `
local now = tonumber(ARGV[#ARGV])
if now == nil then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end`;

function script(reply: RegExp, body: string): Script {
  const text = NOW + body;
  return { text, sha: createHash("sha1").update(text).digest("hex"), reply };
}

/**
 * One hash per delivery: token (empty when nobody owns it), attempt, until (end of the lease), done.
 * Claiming twice with one token is one claim: a client may send a command again when its reply was lost.
 * A field that does not exist is false, but may be anything on a server that only imitates Redis: look for its value.
 */
export const scripts = {
  /** Arguments: token, lease, keep (both in milliseconds). */
  claim: script(
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
  /** Arguments: token, lease, keep. */
  renew: script(
    /^renewed$/,
    `
if redis.call('HGET', KEYS[1], 'token') == ARGV[1] then
  redis.call('HSET', KEYS[1], 'until', now + tonumber(ARGV[2]))
  redis.call('PEXPIRE', KEYS[1], math.max(tonumber(ARGV[2]), tonumber(ARGV[3])))
end
return 'renewed'`,
  ),
  /** Arguments: retention. */
  commit: script(
    /^committed$/,
    `
redis.call('HSET', KEYS[1], 'done', '1')
redis.call('HDEL', KEYS[1], 'token', 'until')
redis.call('PEXPIRE', KEYS[1], tonumber(ARGV[1]))
return 'committed'`,
  ),
  /** Arguments: token. */
  release: script(
    /^released$/,
    `
if redis.call('HGET', KEYS[1], 'token') == ARGV[1] then redis.call('HSET', KEYS[1], 'token', '') end
return 'released'`,
  ),
} as const satisfies Record<string, Script>;

/**
 * Runs a script by its name and sends its text only to a server that does not know it (any more).
 *
 * @throws {Error} what the client throws, and for a reply that is not one of the script's
 */
export async function runScript(
  runner: ScriptRunner,
  { text, sha, reply }: Script,
  key: string,
  args: string[],
): Promise<string> {
  let answer: unknown;
  try {
    answer = await runner.evalSha(sha, key, args);
  } catch (error) {
    if (!isNoScriptError(error)) throw error;
    answer = await runner.eval(text, key, args);
  }
  // A client that maps replies to buffers gives one.
  const line = ArrayBuffer.isView(answer) ? decodeLatin1(answer) : answer;
  if (typeof line === "string" && reply.test(line)) return line;
  throw new Error(
    `Redis answered a script with an unexpected ${typeof line}: pass a client that is not in a transaction, and whose replies nothing changes.`,
  );
}

/** Looks at the message only: the error may be of another realm. */
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
