-- What every script of the state table begins with.
-- KEYS: 1 owner (hash), 2 entries (hash), 3 applied (hash), 4 outbox (stream)
-- ARGV: 1 epoch and 2 holder of the caller, 3 how many commits it knows of

local function number(text)
  return tonumber(text or '0') or 0
end

local function text(value)
  return string.format('%.0f', value)
end

local function read_owner()
  local values = redis.call('HMGET', KEYS[1],
    'epoch', 'holder', 'generation', 'commits', 'position', 'published', 'sequenceBase', 'entries', 'applied', 'restoring')
  return {
    epoch = values[1] and tonumber(values[1]), holder = values[2], generation = values[3], commits = number(values[4]), position = number(values[5]),
    published = number(values[6]), sequence_base = number(values[7]), entries = number(values[8]), applied = number(values[9]), restoring = values[10],
  }
end

-- True when the table holds what its last owner wrote. A server that evicts keys, or a person who deletes one, takes a part of it away.
local function is_whole(owner)
  return owner.epoch and owner.generation and not owner.restoring
    and redis.call('HLEN', KEYS[2]) == owner.entries
    and redis.call('HLEN', KEYS[3]) == owner.applied
    and redis.call('XLEN', KEYS[4]) >= owner.position - owner.published
end

-- Nil when the caller still owns the table; else the answer to give. Two owners with the same epoch are possible only where the table came back from
-- an older copy; who is called the holder there came later.
local function fenced(owner)
  local epoch = tonumber(ARGV[1])
  if owner.epoch and (owner.epoch > epoch or (owner.epoch == epoch and owner.holder ~= ARGV[2])) then
    return { 'FENCED', text(owner.epoch) }
  end
  return nil
end

-- The same, and nil only when nothing that the caller committed has gone.
local function refused(owner)
  local answer = fenced(owner)
  if answer then
    return answer
  end
  if not is_whole(owner) or owner.epoch < tonumber(ARGV[1]) or owner.commits < tonumber(ARGV[3]) then
    return { 'EMPTIED' }
  end
  return nil
end

-- Writes the pairs ARGV[first] to ARGV[last] into a hash. Lua passes on at most some 7,000 arguments at a time.
local function write_pairs(key, first, last)
  for from = first, last, 4000 do
    redis.call('HSET', key, unpack(ARGV, from, math.min(from + 3999, last)))
  end
end
