--[[ Forget the oldest batches, some at a time so that nobody waits long; of an ended stream whose time is over, everything.
  KEYS[1] entries  KEYS[2] meta  KEYS[3] cursors  KEYS[4] ids  KEYS[5] batches: as append has them
  ARGV[1] through  forget what ends at or before this index, 0 to go by time
  ARGV[2] before   forget what was stored before (ms), 0 to go by index
  Returns 0 when done; 1 when there is more to forget; 2 when the whole stream was forgotten ]]
local through, before = tonumber(ARGV[1]), tonumber(ARGV[2])
local meta = redis.call('HMGET', KEYS[2], 'last', 'endedAt', 'bytes')
if meta[2] and tonumber(meta[2]) < before then
  redis.call('UNLINK', KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5])
  return 2
end
local oldest = redis.call('LRANGE', KEYS[5], 0, 255)
local bytes, dropped, going = tonumber(meta[3]) or 0, 0, 0
for _, batch in ipairs(oldest) do
  local ends, size, stored = string.match(batch, '^(%d+) (%d+) (%d+)')
  if tonumber(ends) > through and tonumber(stored) >= before then break end
  bytes, dropped, going = bytes - size, tonumber(ends), going + 1
end
if going == 0 then return 0 end
-- Only commands that take no memory come first: they are let through when it is full, and the rest of the script then is too.
redis.call('LTRIM', KEYS[5], going, -1)
redis.call('XTRIM', KEYS[1], 'MINID', dropped + 1)
local first = dropped + 1
if redis.call('XLEN', KEYS[1]) == 0 then first = tonumber(meta[1]) + 1 end
redis.call('HSET', KEYS[2], 'first', first, 'bytes', bytes, 'gone', before > 0 and 'expired' or 'trimmed')
return going == 256 and 1 or 0
