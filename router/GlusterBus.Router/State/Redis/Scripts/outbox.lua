-- What is to be published next.
-- ARGV: 4 position after which, 5 how many at most
local answer = refused(read_owner())
if answer then
  return answer
end
return { 'OK', redis.call('XRANGE', KEYS[4], text(tonumber(ARGV[4]) + 1) .. '-0', '+', 'COUNT', ARGV[5]) }
