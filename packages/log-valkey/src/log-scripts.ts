import { RIGHTS } from "./client/rights.ts"

/** What every script begins with: the head of the log that was opened, and no other. */
const SAME_LOG: string = `#!lua
${RIGHTS}
local h = redis.call('HMGET', KEYS[2], 'id', 'start', 'tail', 'sealed')
if h[1] ~= ARGV[1] then return {'gone'} end
`

/** KEYS: records. Does nothing, but only where it might write: at the server that takes writes for the log. */
export const PROBE_SCRIPT = `#!lua
return redis.call('EXISTS', KEYS[1])
`

/** KEYS: records, head. ARGV: new id, name. Makes the log if there is none; gives what the head says. */
export const OPEN_SCRIPT = `#!lua
local h = redis.call('HMGET', KEYS[2], 'version', 'id', 'start', 'tail')
if not h[2] then
  if redis.call('EXISTS', KEYS[1], KEYS[2]) > 0 then return {'foreign'} end
  redis.call('HSET', KEYS[2], 'version', '1', 'id', ARGV[1], 'name', ARGV[2], 'start', '0', 'tail', '0', 'largest', '0')
else
  if redis.call('XLEN', KEYS[1]) < 0 then return {'foreign'} end
  redis.call('HSET', KEYS[2], 'version', h[1])
end
return redis.call('HMGET', KEYS[2], 'version', 'id', 'name')
`

/** KEYS: records, head. ARGV: id, offset. */
export const TRIM_SCRIPT: string = `${SAME_LOG}
local before = tonumber(ARGV[2])
if before > tonumber(h[3]) then return {'lost', h[3]} end
redis.call('XLEN', KEYS[1])
may('HSET', KEYS[2], 'start', '')
may('XTRIM', KEYS[1], 'MINID', '=', '1')
if denied then return denied end
redis.call('HSET', KEYS[2], 'start', before > tonumber(h[2]) and ARGV[2] or h[2])
redis.call('XTRIM', KEYS[1], 'MINID', '=', string.format('%.0f', before + 1))
return {'done'}
`

/** KEYS: records, head. ARGV: id. */
export const SEAL_SCRIPT: string = `${SAME_LOG}
may('HSET', KEYS[2], 'sealed', '1')
may('SPUBLISH', KEYS[1], '')
if denied then return denied end
redis.call('HSET', KEYS[2], 'sealed', '1')
redis.call('SPUBLISH', KEYS[1], h[3])
return {'done'}
`

/** KEYS: records of the draft. ARGV: seconds to keep it; then for each entry: its id, framing, bytes, note or "". */
export const DRAFT_RECORDS_SCRIPT = `#!lua
local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
local reached = last and tonumber(string.match(last[1], '^%d+')) or 0
for at = 2, #ARGV, 4 do
  if tonumber(string.match(ARGV[at], '^%d+')) > reached then
    if ARGV[at + 3] == '' then redis.call('XADD', KEYS[1], ARGV[at], ARGV[at + 1], ARGV[at + 2])
    else redis.call('XADD', KEYS[1], ARGV[at], ARGV[at + 1], ARGV[at + 2], 'p', ARGV[at + 3]) end
  end
end
redis.call('EXPIRE', KEYS[1], ARGV[1])
return {'done'}
`

/** KEYS: a hash of the draft. ARGV: seconds to keep it; then fields and values. */
export const DRAFT_HASH_SCRIPT = `#!lua
for at = 2, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[at], ARGV[at + 1]) end
redis.call('EXPIRE', KEYS[1], ARGV[1])
return {'done'}
`

/**
 * Gives a draft its name, in one step. KEYS: records, head, producers, batches; then records, producers
 * and batches of the draft. ARGV: id; whether each of the three is there, 0 or 1; then the fields of the head.
 */
export const FINISH_FORK_SCRIPT: string = `#!lua
${RIGHTS}
local there = redis.call('HGET', KEYS[2], 'id')
if there == ARGV[1] then
  redis.call('HSET', KEYS[2], 'id', ARGV[1])
  return {'done'}
end
if redis.call('EXISTS', KEYS[1], KEYS[2], KEYS[3], KEYS[4]) > 0 then return {'exists'} end
local places = { KEYS[1], KEYS[3], KEYS[4] }
may('HSET', KEYS[2], 'id', '')
for n = 1, 3 do
  may('RENAME', KEYS[n + 4], places[n])
  may('PERSIST', places[n])
end
if denied then return denied end
for n = 1, 3 do
  if ARGV[n + 1] == '1' and redis.call('EXISTS', KEYS[n + 4]) == 0 then return {'expired'} end
end
for n = 1, 3 do
  if ARGV[n + 1] == '1' then
    redis.call('RENAME', KEYS[n + 4], places[n])
    redis.call('PERSIST', places[n])
  end
end
redis.call('HSET', KEYS[2], 'id', ARGV[1])
for at = 5, #ARGV, 2 do redis.call('HSET', KEYS[2], ARGV[at], ARGV[at + 1]) end
return {'done'}
`

/** KEYS: a snapshot. ARGV: id of its log, offset, snapshot. Keeps the later of two of one log. */
export const SAVE_SNAPSHOT_SCRIPT = `#!lua
local s = redis.call('HMGET', KEYS[1], 'log', 'offset')
if s[1] == ARGV[1] and tonumber(s[2]) > tonumber(ARGV[2]) then return {'older'} end
redis.call('HSET', KEYS[1], 'log', ARGV[1], 'offset', ARGV[2], 'state', ARGV[3])
return {'done'}
`
