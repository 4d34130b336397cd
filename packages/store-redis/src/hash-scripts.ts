/** Reads the server's clock in milliseconds since 1970, unless the last argument is a time, as in tests. */
const NOW = `
local now = tonumber(ARGV[#ARGV])
if now == nil then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end`;

/**
 * Ends of scripts for a delivery that an earlier version has written: one hash with token (empty when no owner holds it),
 * attempt, until (end of the lease), done. It stays a hash until it is done: processes of that version may still run, and
 * their commits must not fail. Arguments: token, lease, lifetime, …, clock; times in milliseconds.
 *
 * HMGET returns false for a missing field on Redis, but not on every compatible server: compare with the value instead.
 */
export const hashScripts = {
  claim: `${NOW}
local done, token, attempt, till = unpack(redis.call('HMGET', KEYS[1], 'done', 'token', 'attempt', 'until'))
if done == '1' then return 'done' end
local mine = token == ARGV[1]
local owned = type(token) == 'string' and token ~= ''
if owned and not mine and tonumber(till) > now then return string.format('busy %.0f', math.ceil(tonumber(till) - now)) end
attempt = tonumber(attempt) or 0
if not mine then attempt = attempt + 1 end
redis.call('HSET', KEYS[1], 'token', ARGV[1], 'attempt', attempt, 'until', now + tonumber(ARGV[2]))
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return string.format('claimed %.0f', attempt)`,
  renew: `${NOW}
if redis.call('HGET', KEYS[1], 'token') == ARGV[1] then
  redis.call('HSET', KEYS[1], 'until', now + tonumber(ARGV[2]))
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
end
return 'renewed'`,
  release: `
if redis.call('HGET', KEYS[1], 'token') == ARGV[1] then redis.call('HSET', KEYS[1], 'token', '') end
return 'released'`,
} as const;
