import { createHash } from "node:crypto";

import { hashScripts } from "./hash-scripts.js";
import type { RedisCommands } from "./redis-commands.js";
import { readReply } from "./replies.js";

/** A Lua script. */
export interface Script {
  source: string;
  /** SHA-1 of the source, under which the server caches it. */
  sha: string;
  /** Matches every valid result: always a string, because clients and type mappings may convert other types. */
  result: RegExp;
}

/** The value of a delivery that is done. */
export const DONE = "done";

/** Reads the delivery. GET fails for a hash, which an earlier version has written. */
function createScript(result: RegExp, forHash: string, body: string): Script {
  const source = `local value = redis.pcall('GET', KEYS[1])
if type(value) == 'table' then${forHash}
end
local attempt, till, token = string.match(value or '', '^(%d+) (%S+) (.*)$')${body}`;
  return { source, sha: createHash("sha1").update(source).digest("hex"), result };
}

/**
 * One string per delivery: "done", or "attempt till token", where token is empty when no owner holds it. The lease ends
 * when the time to live of the key has fallen to `till` milliseconds: so the first claim is a plain SET, and only the clock
 * of the server counts. On a clock of tests `till` is a time.
 *
 * Claiming twice with the same token is one claim: a client may resend a command whose reply was lost.
 * Arguments: token, lease, lifetime, till, clock; times in milliseconds.
 */
export const scripts = {
  claim: createScript(
    /^(?:done|(?:claimed|busy) [1-9]\d{0,14})$/,
    hashScripts.claim,
    `
if value == '${DONE}' then return 'done' end
local mine = token == ARGV[1]
if attempt and token ~= '' and not mine then
  local now = tonumber(ARGV[5])
  local left = now and till - now or redis.call('PTTL', KEYS[1]) - till
  if left > 0 then return string.format('busy %.0f', math.ceil(left)) end
end
attempt = tonumber(attempt) or 0
if not mine then attempt = attempt + 1 end
redis.call('SET', KEYS[1], string.format('%.0f ', attempt) .. ARGV[4] .. ' ' .. ARGV[1], 'PX', ARGV[3])
return string.format('claimed %.0f', attempt)`,
  ),
  renew: createScript(
    /^renewed$/,
    hashScripts.renew,
    `
if token == ARGV[1] then redis.call('SET', KEYS[1], attempt .. ' ' .. ARGV[4] .. ' ' .. token, 'PX', ARGV[3]) end
return 'renewed'`,
  ),
  release: createScript(
    /^released$/,
    hashScripts.release,
    `
if token == ARGV[1] then redis.call('SET', KEYS[1], attempt .. ' 0 ', 'PX', math.max(1, redis.call('PTTL', KEYS[1]))) end
return 'released'`,
  ),
} as const satisfies Record<string, Script>;

/**
 * Runs a script by its SHA, and sends its source only if the server has not cached it.
 *
 * @throws {Error} if the client throws, or the result is not one that the script returns
 */
export async function runScript(
  commands: RedisCommands,
  { source, sha, result }: Script,
  key: string,
  args: string[],
): Promise<string> {
  let value: unknown;
  try {
    value = await commands.evalSha(sha, key, args);
  } catch (error) {
    if (!isNoScriptError(error)) throw error;
    value = await commands.eval(source, key, args);
  }
  return readReply(value, result);
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
