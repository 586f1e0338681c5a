-- Writes the table anew from its owner's memory, step by step; until the last step it counts as lost.
-- ARGV: 4 the step: 'begin', 5 generation, 6 sequence base, 7 published, 8 position
--                   'entries' | 'applied', from 5 pairs
--                   'outbox', from 5 position and transition by turns
--                   'end'
local owner = read_owner()
local answer = fenced(owner)
if answer then
  return answer
end

local step = ARGV[4]
if step == 'begin' then
  redis.call('UNLINK', KEYS[1], KEYS[2], KEYS[3], KEYS[4])
  redis.call('HSET', KEYS[1], 'epoch', ARGV[1], 'holder', ARGV[2], 'generation', ARGV[5], 'sequenceBase', ARGV[6],
    'published', ARGV[7], 'position', ARGV[8], 'restoring', '1')
  return { 'OK' }
end
if owner.epoch ~= tonumber(ARGV[1]) or not owner.restoring then
  return { 'EMPTIED' } -- once more, while it was being restored
end
if step == 'entries' or step == 'applied' then
  write_pairs(step == 'entries' and KEYS[2] or KEYS[3], 5, #ARGV)
elseif step == 'outbox' then
  for i = 5, #ARGV, 2 do
    redis.call('XADD', KEYS[4], ARGV[i] .. '-0', 'json', ARGV[i + 1])
  end
else
  redis.call('HSET', KEYS[1], 'commits', ARGV[3], 'entries', tostring(redis.call('HLEN', KEYS[2])), 'applied', tostring(redis.call('HLEN', KEYS[3])))
  redis.call('HDEL', KEYS[1], 'restoring')
end
return { 'OK' }
