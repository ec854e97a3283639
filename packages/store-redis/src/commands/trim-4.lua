--[[ Forget the oldest batches, at most 64 at a time so that nobody waits long; of an ended stream, everything.
  KEYS[1] entries  KEYS[2] meta  KEYS[3] cursors  KEYS[4] ids: as append has them
  ARGV[1] through  forget what ends at or before this index, 0 to go by time
  ARGV[2] before   forget what was stored before (ms), 0 to go by index
  Returns 0 when done; 1 when there is more to forget; 2 when the whole stream was forgotten ]]
local through, before = tonumber(ARGV[1]), tonumber(ARGV[2])
local meta = redis.call('HMGET', KEYS[2], 'last', 'endedAt', 'bytes')
if meta[2] and tonumber(meta[2]) < before then
  redis.call('UNLINK', KEYS[1], KEYS[2], KEYS[3], KEYS[4])
  return 2
end
local oldest = redis.call('XRANGE', KEYS[1], '-', through > 0 and through or '+', 'COUNT', 64)
local bytes, dropped, more = tonumber(meta[3]) or 0, 0, #oldest == 64
for _, item in ipairs(oldest) do
  if before > 0 and tonumber(item[2][4]) >= before then
    more = false
    break
  end
  dropped = tonumber(string.match(item[1], '^%d+'))
  bytes = bytes - #item[2][2]
end
if dropped == 0 then return 0 end
-- XTRIM goes first: it is let through when memory is full, and what follows it in the script then is too.
redis.call('XTRIM', KEYS[1], 'MINID', dropped + 1)
local first = dropped + 1
if redis.call('XLEN', KEYS[1]) == 0 then first = tonumber(meta[1]) + 1 end
redis.call('HSET', KEYS[2], 'first', first, 'bytes', bytes, 'gone', before > 0 and 'expired' or 'trimmed')
return more and 1 or 0
