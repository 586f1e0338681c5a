-- One commit, all or nothing.
-- ARGV: 4 sequence base or '', 5 number of entries, 6 of applied streams, 7 of transitions; then the entries and the streams as pairs, the transitions
local owner = read_owner()
local answer = refused(owner)
if answer then
  return answer
end

local entries, applied, transitions = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local first_applied = 8 + 2 * entries
local first_transition = first_applied + 2 * applied

-- The outbox comes first: the one thing that can fail is its first append, and then nothing was written yet.
for i = 0, transitions - 1 do
  local added = redis.pcall('XADD', KEYS[4], text(owner.position + 1 + i) .. '-0', 'json', ARGV[first_transition + i])
  if type(added) == 'table' and added.err then
    if string.find(added.err, 'equal or smaller', 1, true) then
      return { 'EMPTIED' } -- the outbox is of another life of the table than the owner's row
    end
    return added
  end
end

write_pairs(KEYS[2], 8, first_applied - 1)
write_pairs(KEYS[3], first_applied, first_transition - 1)
redis.call('HSET', KEYS[1], 'commits', text(owner.commits + 1), 'position', text(owner.position + transitions),
  'entries', tostring(redis.call('HLEN', KEYS[2])), 'applied', tostring(redis.call('HLEN', KEYS[3])))
if ARGV[4] ~= '' then
  redis.call('HSET', KEYS[1], 'sequenceBase', ARGV[4])
end
return { 'OK', text(owner.commits + 1), text(owner.position + transitions) }
