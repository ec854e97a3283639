--[[ Give a lease up, if it is still the caller's.
  KEYS[1] lease   as acquire has it
  ARGV[1] holder  ARGV[2] fence  what acquire gave
  Returns 1 when it was given up; 0 when it was not held ]]
if redis.call('GET', KEYS[1]) == ARGV[1] .. ' ' .. ARGV[2] then return redis.call('DEL', KEYS[1]) end
return 0
