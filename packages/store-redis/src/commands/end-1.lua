--[[ End a stream. The first outcome stands.
  KEYS[1] meta     as append has it
  ARGV[1] outcome  JSON                              ARGV[2] channel  where to publish it
  Returns { first, last, ended, gone }: the stream's head, each as meta has it ]]
local ended = redis.call('HGET', KEYS[1], 'ended')
if not ended then
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  redis.call('HSET', KEYS[1], 'ended', ARGV[1], 'endedAt', now, 'lastAt', now)
  redis.call('HSETNX', KEYS[1], 'createdAt', now)
  redis.call('PUBLISH', ARGV[2], 'end\n' .. ARGV[1])
end
return redis.call('HMGET', KEYS[1], 'first', 'last', 'ended', 'gone')
