-- Streams of log files that were rotated away long ago.
-- ARGV: from 4 the names
local owner = read_owner()
local answer = refused(owner)
if answer then
  return answer
end
for i = 4, #ARGV do
  redis.call('HDEL', KEYS[3], ARGV[i])
end
redis.call('HSET', KEYS[1], 'applied', tostring(redis.call('HLEN', KEYS[3])))
return { 'OK' }
