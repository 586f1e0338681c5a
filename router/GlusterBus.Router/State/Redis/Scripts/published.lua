-- Everything up to a position is published; of that, only the history stays.
-- ARGV: 4 position, 5 how many published transitions stay
local owner = read_owner()
local answer = refused(owner)
if answer then
  return answer
end
local published = math.min(math.max(owner.published, tonumber(ARGV[4])), owner.position)
redis.call('HSET', KEYS[1], 'published', text(published))
-- Positions have no gaps, so a length says the same as the least position, and servers before 6.2 know only lengths.
redis.call('XTRIM', KEYS[4], 'MAXLEN', '~', text(owner.position - published + tonumber(ARGV[5])))
return { 'OK' }
