--[[ Keep the lock of a job that runs; take it again where it ran out while Redis was away and nobody else has begun the job.
  KEYS[1] lock       string: the token of whoever runs it   KEYS[2] job    hash, as BullMQ has it
  KEYS[3] active     list: the jobs that run                KEYS[4] wait   list: those that wait
  KEYS[5] stalled    set: those that run and have not renewed their lock since the last look
  KEYS[6] cancelled  string, there where somebody cancelled the job
  ARGV[1] id         ARGV[2] token  of whoever asks         ARGV[3] ttl    how long without a renewal (ms)
  Returns 1 when held; 2 when held and cancelled; 0 when the job is another's or gone ]]
if redis.call('EXISTS', KEYS[2]) == 0 then return 0 end
local held = redis.call('GET', KEYS[1])
if held and held ~= ARGV[2] then return 0 end
if not held and not redis.call('LPOS', KEYS[3], ARGV[1]) then
  -- Taken from us as stalled, and not begun by anybody: it goes on here, and nobody has died.
  if redis.call('LREM', KEYS[4], 1, ARGV[1]) == 0 then return 0 end
  redis.call('LPUSH', KEYS[3], ARGV[1])
  redis.call('HINCRBY', KEYS[2], 'stc', -1)
end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
redis.call('SREM', KEYS[5], ARGV[1])
return 1 + redis.call('EXISTS', KEYS[6])
