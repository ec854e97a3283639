--[[ Forget a deployment.
  KEYS[1] record   KEYS[2] all  KEYS[3] service          as create has them
  KEYS[4] ended    as change has it
  ARGV[1] id
  Returns 1; 0 where there was none ]]
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('ZREM', KEYS[4], ARGV[1])
return redis.call('DEL', KEYS[1])
