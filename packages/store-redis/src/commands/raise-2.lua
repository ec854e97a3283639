--[[ Look where a stream stops, and where that is behind what the caller has seen, because data was lost, go on beyond it.
  KEYS[1] entries  as append has it                  KEYS[2] meta     as append has it
  ARGV[1] floor    the highest index the caller saw  ARGV[2] channel  where to tell the others
  Returns { last, ended }: the index of the last entry now, and 1 once the stream has ended ]]
local meta = redis.call('HMGET', KEYS[2], 'last', 'ended')
local last = tonumber(meta[1]) or 0
local floor = tonumber(ARGV[1])
if last < floor then
  last = floor + 1000000
  redis.call('HSET', KEYS[2], 'last', last)
  redis.call('HINCRBY', KEYS[2], 'epoch', 1)
  if redis.call('XLEN', KEYS[1]) == 0 then redis.call('HSET', KEYS[2], 'first', last + 1, 'gone', 'trimmed') end
  redis.call('PUBLISH', ARGV[2], 'raised ' .. last .. '\n')
end
return { last, meta[2] and 1 or 0 }
