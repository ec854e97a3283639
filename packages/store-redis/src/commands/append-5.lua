--[[ Append one batch: indexes, entries, source cursor and notification together, or nothing.
  KEYS[1] entries   stream, one item per batch, id <index of its last entry>-0: b the lines, joined by LF
  KEYS[2] meta      hash: first, last, ended, endedAt, fence, bytes, createdAt, lastAt, gone, epoch
  KEYS[3] cursors   hash: source -> <sequence> LF <writer> LF <cursor>
  KEYS[4] ids       sorted set: the ids taken last, by age
  KEYS[5] batches   list, beside each item: <index of its last entry> <its bytes> <when it was stored, ms>
  ARGV[1] count     lines in the batch               ARGV[2] batch     the lines, joined by LF
  ARGV[3] source    '' for none                      ARGV[4] writer    of the source, without LF
  ARGV[5] sequence  of the writer                    ARGV[6] cursor    the source's own, opaque here
  ARGV[7] fence     the lease's number, '' for none  ARGV[8] floor     the highest index the caller has seen
  ARGV[9] maxBytes  of the stream; older go          ARGV[10] channel  where to publish the batch
  ARGV[11] deployment  of a build's stream, whose batches go to build-logs too; '' for others
  ARGV[12...] ids   one a line, or none at all
  Returns { first, last, stored }; -1 CONFLICT, the stream has ended; -2 CONFLICT, a newer lease has written ]]
local entries, key = KEYS[1], KEYS[2]
local meta = redis.call('HMGET', key, 'last', 'ended', 'fence', 'bytes')
if meta[2] then return -1 end
local fence = tonumber(ARGV[7])
if fence and meta[3] and fence < tonumber(meta[3]) then return -2 end
if fence and ARGV[7] ~= meta[3] then redis.call('HSET', key, 'fence', ARGV[7]) end

local last = tonumber(meta[1]) or 0
local floor = tonumber(ARGV[8])
if last < floor then
  -- Data was lost. Other processes may have seen a little more than the caller.
  last = floor + 1000000
  redis.call('HSET', key, 'last', last)
  redis.call('HINCRBY', key, 'epoch', 1)
  if redis.call('XLEN', entries) == 0 then redis.call('HSET', key, 'first', last + 1, 'gone', 'trimmed') end
end

if ARGV[3] ~= '' then
  local at = redis.call('HGET', KEYS[3], ARGV[3])
  if at then
    local sequence, writer = string.match(at, '^(%d+)\n([^\n]*)\n')
    if writer == ARGV[4] and tonumber(sequence) >= tonumber(ARGV[5]) then return { last + 1, last, 0 } end
  end
  redis.call('HSET', KEYS[3], ARGV[3], ARGV[5] .. '\n' .. ARGV[4] .. '\n' .. ARGV[6])
end

local count, text = tonumber(ARGV[1]), ARGV[2]
if #ARGV > 11 then
  local fresh, taken = {}, 0
  for at = 1, count do
    if redis.call('ZADD', KEYS[4], 'NX', last + at, ARGV[11 + at]) == 1 then
      taken = taken + 1
      fresh[at] = true
    end
  end
  if taken < count then
    local kept, at = {}, 0
    for line in string.gmatch(text, '[^\n]+') do
      at = at + 1
      if fresh[at] then kept[#kept + 1] = line end
    end
    count, text = taken, table.concat(kept, '\n')
  end
  local held = redis.call('ZCARD', KEYS[4])
  if held > 110000 then redis.call('ZREMRANGEBYRANK', KEYS[4], 0, held - 100001) end
end
if count == 0 then return { last + 1, last, 0 } end

local first = last + 1
last = last + count
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local bytes = (tonumber(meta[4]) or 0) + #text
redis.call('XADD', entries, last .. '-0', 'b', text)
redis.call('RPUSH', KEYS[5], last .. ' ' .. #text .. ' ' .. now)
if not meta[1] then redis.call('HSET', key, 'createdAt', now) end

-- The sizes stand in a list of their own: reading an item would copy all of its text.
local maxBytes, dropped = tonumber(ARGV[9]), 0
while bytes > maxBytes do
  local oldest, going = redis.call('LRANGE', KEYS[5], 0, 15), 0
  for _, batch in ipairs(oldest) do
    local ends, size = string.match(batch, '^(%d+) (%d+)')
    if bytes <= maxBytes or tonumber(ends) == last then break end
    bytes, dropped, going = bytes - size, tonumber(ends), going + 1
  end
  if going == 0 then break end
  redis.call('LTRIM', KEYS[5], going, -1)
end
if dropped > 0 then
  redis.call('XTRIM', entries, 'MINID', dropped + 1)
  redis.call('HSET', key, 'first', dropped + 1, 'gone', 'trimmed')
end

redis.call('HSET', key, 'last', last, 'bytes', bytes, 'lastAt', now)
redis.call('PUBLISH', ARGV[10], first .. ' ' .. last .. '\n' .. text)
if ARGV[11] ~= '' then
  -- A line is a JSON object without its index, and has no line feed.
  local given, index = {}, first
  for line in string.gmatch(text, '[^\n]+') do
    given[#given + 1] = '{"index":' .. index .. ',' .. string.sub(line, 2)
    index = index + 1
  end
  local head = '{"deploymentId":"' .. ARGV[11] .. '","first":' .. first .. ',"last":' .. last
  redis.call('PUBLISH', 'build-logs', head .. ',"entries":[' .. table.concat(given, ',') .. ']}')
end
return { first, last, count }
