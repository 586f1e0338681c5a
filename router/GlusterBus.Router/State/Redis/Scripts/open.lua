-- Takes the table over: a new epoch, above every one before, also above those of a table that was lost, which is why it follows the clock.
-- ARGV: 2 holder, 4 generation to give a new table
local owner = read_owner()
local time = redis.call('TIME')
local now = number(time[1]) * 1000 + math.floor(number(time[2]) / 1000)
local microseconds = number(time[1]) * 1000000 + number(time[2])
local epoch = math.max((owner.epoch or 0) + 1, now)
if not is_whole(owner) then
  -- New, or a part is missing. Positions follow the clock too, so that one who reads on from a position of the lost table misses nothing.
  redis.call('UNLINK', KEYS[1], KEYS[2], KEYS[3], KEYS[4])
  redis.call('HSET', KEYS[1], 'generation', ARGV[4], 'commits', '0', 'position', text(now), 'published', text(now), 'sequenceBase', '0', 'entries', '0', 'applied', '0')
end
redis.call('HSET', KEYS[1], 'epoch', text(epoch), 'holder', ARGV[2])
owner = read_owner()
return { 'OK', text(owner.epoch), owner.generation, text(owner.commits), text(owner.position), text(owner.published), text(owner.sequence_base), text(microseconds) }
