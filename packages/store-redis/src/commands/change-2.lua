--[[ Change the record of a deployment that has not ended; one that has stays as it is.
  KEYS[1] record   as create has it                      KEYS[2] ended    sorted set: ids, by when they ended (ms)
  ARGV[1] id       ARGV[2] endedAt  when it ends with this change (ms), '' where it does not
  ARGV[3...] what changes, each a name and a value
  Returns { name, value, ... }: the record as it stands now; empty where there is none ]]
local status = redis.call('HGET', KEYS[1], 'status')
if status == 'queued' or status == 'running' then
  if #ARGV > 2 then redis.call('HSET', KEYS[1], unpack(ARGV, 3)) end
  if ARGV[2] ~= '' then redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1]) end
end
return redis.call('HGETALL', KEYS[1])
