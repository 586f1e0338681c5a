-- Tries what the other scripts do, on keys of its own, and leaves nothing behind. Returns the commands that failed, each with the error.
-- KEYS: 1 a hash, 2 a stream
local failed = {}
local function try(name, ...)
  local answer = redis.pcall(name, ...)
  if type(answer) == 'table' and answer.err then
    failed[#failed + 1] = name
    failed[#failed + 1] = answer.err
  end
end
try('TIME')
try('HSET', KEYS[1], 'a', '1', 'b', '2')
try('HMGET', KEYS[1], 'a', 'b')
try('HLEN', KEYS[1])
try('HDEL', KEYS[1], 'a')
try('XADD', KEYS[2], '1-0', 'json', '{}')
try('XLEN', KEYS[2])
try('XRANGE', KEYS[2], '-', '+')
try('XTRIM', KEYS[2], 'MAXLEN', '~', '1')
try('UNLINK', KEYS[1], KEYS[2])
return failed
