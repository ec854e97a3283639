--[[ Take a lease that nobody holds, and shut out whoever wrote under an earlier one.
  KEYS[1] lease   string: <holder> <fence>           KEYS[2] meta   as append has it
  ARGV[1] holder  unique for each life of a process  ARGV[2] ttl    how long without a renewal (ms)
  Returns > 0 the lease's fence; 0 while another holds it ]]
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
local time = redis.call('TIME')
-- Time keeps fences growing even where Redis has forgotten the last one.
local fence = math.max((tonumber(redis.call('HGET', KEYS[2], 'fence')) or 0) + 1, time[1] * 1000 + math.floor(time[2] / 1000))
redis.call('SET', KEYS[1], ARGV[1] .. ' ' .. fence, 'PX', ARGV[2])
redis.call('HSET', KEYS[2], 'fence', fence)
return fence
