--[[ Create the record of a deployment, and list it.
  KEYS[1] record   hash: the record's fields, each as text
  KEYS[2] all      sorted set: ids, all of score 0       KEYS[3] service  the same, of its service
  ARGV[1] id       ARGV[2...] the record's fields, each a name and a value
  Returns 1; 0 where the id is taken ]]
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], unpack(ARGV, 2))
redis.call('ZADD', KEYS[2], 0, ARGV[1])
redis.call('ZADD', KEYS[3], 0, ARGV[1])
return 1
