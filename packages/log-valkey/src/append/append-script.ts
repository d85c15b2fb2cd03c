import { RIGHTS } from "../client/rights.ts"

/**
 * Stores one commit, all or nothing. Every check, of types and rights too, comes before the first write; a
 * script without flags is not begun when the memory limit is reached.
 *
 * With a sixth key it leaves the entries to the commands after it in one transaction, which need not pass
 * through a script: it takes the stream aside to that key, where they find it only when all is well. They
 * can not fail then: their ids are after the one that the script has set. Who may not begin a transaction is in none:
 * nothing is taken aside then.
 *
 * KEYS: records, head, writer, producers, batches; records while the transaction adds to them.
 * ARGV: log id, number of the commit, expected tail or "", least tail, seconds to keep the writer, the tail that the
 * ids of the transaction are for, or "";
 * how many runs, and for each: producer id, epoch, sequence, batches, records in each, records of the commit before
 * it; how many entries, and for each: framing, records, bytes, producer note or "". In a transaction the bytes are
 * only how many.
 */
export const APPEND_SCRIPT: string = `#!lua
${RIGHTS}
local records, head, writer, producers, batches, aside = unpack(KEYS)
if aside and not redis.acl_check_cmd('MULTI') then return {'refused'} end
local function whole(n) return string.format('%.0f', n) end
local h = redis.call('HMGET', head, 'id', 'tail', 'sealed', 'largest', 'producers')
if h[1] ~= ARGV[1] then return {'gone'} end
local tail = tonumber(h[2])
local done = redis.call('GET', writer)
if done then
  local number, offset = string.match(done, '^(%d+) (%d+)$')
  if tonumber(number) > tonumber(ARGV[2]) then return {'late'} end
  if number == ARGV[2] then
    redis.call('SET', writer, done, 'EX', ARGV[5])
    return {'stored', offset}
  end
end
if tail < tonumber(ARGV[4]) then return {'lost', whole(tail)} end
local at = 8
local heads, order, moved, known = {}, {}, false, tonumber(h[5] or '0')
local runs = tonumber(ARGV[7])
if runs > 0 then redis.call('HLEN', batches) end
for run = 1, runs do
  local id, epoch, sequence, count = ARGV[at], tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])
  local p = heads[id]
  if not p then
    p = { first = 0, next = 0 }
    local row = redis.call('HGET', producers, id)
    if row then
      local n, e, f, x = string.match(row, '^(%d+) (%d+) (%d+) (%d+)$')
      p = { number = n, epoch = tonumber(e), first = tonumber(f), next = tonumber(x) }
      p.stored = { epoch = p.epoch, first = p.first, next = p.next }
    end
    heads[id] = p
    order[#order + 1] = id
  end
  if p.epoch == nil or epoch > p.epoch then
    p.epoch, p.first, p.next = epoch, 0, 0
  end
  if epoch ~= p.epoch or sequence ~= p.next then moved = true end
  p.next = sequence + count
  at = at + 6
end
if moved then
  local found = {'producers', whole(tail), h[3] or '0'}
  for _, id in ipairs(order) do
    local p = heads[id]
    if p.stored then
      local rows, next = {}, p.stored.first
      while next < p.stored.next do
        local row = redis.call('HGET', batches, p.number .. '/' .. whole(next))
        if not row then break end
        rows[#rows + 1] = row
        next = next + tonumber(string.match(row, '^%d+ (%d+) '))
      end
      found[#found + 1] = { id, whole(p.stored.epoch), rows }
    end
  end
  return found
end
for _, id in ipairs(order) do
  if not heads[id].number then
    if known >= 65536 then return {'full', id} end
    known = known + 1
    heads[id].number = whole(known)
  end
end
local entries = tonumber(ARGV[at])
if h[3] and entries > 0 then return {'sealed', whole(tail)} end
if ARGV[3] ~= '' and tonumber(ARGV[3]) ~= tail then return {'tail', whole(tail)} end
may('SET', writer, '', 'EX', '1')
if entries > 0 then
  if not aside then may('XADD', records, '1-1', 'l', '') end
  may('HSET', head, 'tail', '')
  may('SPUBLISH', records, '')
end
if runs > 0 then
  may('HSET', producers, '', '')
  may('HSET', batches, '', '')
  may('HDEL', batches, '')
end
if aside then
  may('XSETID', records, '1-1')
  may('RENAME', records, aside)
end
if denied then return denied end
if aside then
  if tonumber(ARGV[6]) ~= tail or redis.call('EXISTS', records) == 0 or redis.call('EXISTS', aside) == 1 then return {'moved'} end
  redis.call('XSETID', records, whole(tail) .. '-18446744073709551615')
  redis.call('RENAME', records, aside)
end
at = at + 1
local next, largest = tail, tonumber(h[4])
for entry = 1, entries do
  local framing, count, bytes, note = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
  next = next + tonumber(count)
  local key = whole(next) .. '-' .. count
  local size = aside and tonumber(bytes) or #bytes
  if not aside then
    if note == '' then redis.call('XADD', records, key, framing, bytes)
    else redis.call('XADD', records, key, framing, bytes, 'p', note) end
  end
  if size > largest then largest = size end
  at = at + 4
end
redis.call('SET', writer, ARGV[2] .. ' ' .. whole(tail), 'EX', ARGV[5])
if entries > 0 then
  redis.call('HSET', head, 'tail', whole(next), 'largest', whole(largest), 'producers', whole(known))
  redis.call('SPUBLISH', records, whole(next))
end
at = 8
for run = 1, runs do
  local id, epoch, sequence, count = ARGV[at], tonumber(ARGV[at + 1]), ARGV[at + 2], ARGV[at + 3]
  local p = heads[id]
  local old = p.stored
  if old and old.epoch < epoch then
    while old.first < old.next do
      local field = p.number .. '/' .. whole(old.first)
      local row = redis.call('HGET', batches, field)
      redis.call('HDEL', batches, field)
      old.first = row and old.first + tonumber(string.match(row, '^%d+ (%d+) ')) or old.next
    end
    p.stored = nil
  end
  redis.call('HSET', batches, p.number .. '/' .. sequence,
    sequence .. ' ' .. count .. ' ' .. whole(tail + tonumber(ARGV[at + 5])) .. ' ' .. ARGV[at + 4])
  at = at + 6
end
for _, id in ipairs(order) do
  local p = heads[id]
  while p.first < p.next - 1024 do
    local field = p.number .. '/' .. whole(p.first)
    local row = redis.call('HGET', batches, field)
    local after = row and p.first + tonumber(string.match(row, '^%d+ (%d+) ')) or p.next
    if after > p.next - 1024 then break end
    redis.call('HDEL', batches, field)
    p.first = after
  end
  redis.call('HSET', producers, id, p.number .. ' ' .. whole(p.epoch) .. ' ' .. whole(p.first) .. ' ' .. whole(p.next))
end
return {'stored', whole(tail)}
`
