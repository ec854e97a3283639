--[[ Keep a lease; take it again under its old fence where Redis has lost it and nobody took it since.
  KEYS[1] lease   as acquire has it                  KEYS[2] meta   as append has it
  ARGV[1] holder  ARGV[2] fence  what acquire gave   ARGV[3] ttl    how long without a renewal (ms)
  Returns 1 when held; 0 when it is lost ]]
local value = ARGV[1] .. ' ' .. ARGV[2]
local held = redis.call('GET', KEYS[1])
if held then
  if held ~= value then return 0 end
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
  return 1
end
local newest = tonumber(redis.call('HGET', KEYS[2], 'fence')) or 0
if newest > tonumber(ARGV[2]) then return 0 end
redis.call('SET', KEYS[1], value, 'PX', ARGV[3])
redis.call('HSET', KEYS[2], 'fence', ARGV[2])
return 1
