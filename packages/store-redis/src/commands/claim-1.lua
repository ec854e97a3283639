--[[ Take a service that nobody owns, or show that its owner is still there; the claim of another changes nothing.
  KEYS[1] owner      hash: namespace, tenant; expires when its owner has not claimed for so long
  ARGV[1] namespace  that claims                     ARGV[2] tenant  of that namespace, '' for none
  ARGV[3] keep       how long without a claim (ms)
  Returns { namespace, tenant } of whoever owns the service now ]]
local owner = redis.call('HMGET', KEYS[1], 'namespace', 'tenant')
if owner[1] and owner[1] ~= ARGV[1] then return { owner[1], owner[2] or '' } end
-- Where nothing changes nothing takes memory: an owner is kept while Redis is full, too.
if not owner[1] or owner[2] ~= ARGV[2] then redis.call('HSET', KEYS[1], 'namespace', ARGV[1], 'tenant', ARGV[2]) end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return { ARGV[1], ARGV[2] }
