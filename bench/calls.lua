-- Callers without a pause: next voter, result, next voter … each caller in turn, over keep-alive.
-- Arguments: tokens file (one a line), phone bank id, number of threads.

local ffi = require("ffi")
ffi.cdef [[
  typedef struct { long seconds; long nanoseconds; } moment;
  int clock_gettime(int clock, moment *now);
]]
local moment = ffi.new("moment")

local function now_us()
  ffi.C.clock_gettime(1, moment) -- CLOCK_MONOTONIC
  return tonumber(moment.seconds) * 1e6 + tonumber(moment.nanoseconds) / 1e3
end

local threads = {}

function setup(thread)
  thread:set("number", #threads)
  table.insert(threads, thread)
end

function init(args)
  bank, count = args[2], tonumber(args[3])
  free, holding, flying = {}, {}, {}
  sent = 0
  next_us, result_us, faults = {}, {}, {}
  local line_number = 0
  for token in io.lines(args[1]) do
    if line_number % count == number then table.insert(free, {token = token}) end
    line_number = line_number + 1
  end
  math.randomseed(number + 1)
end

-- What calls end with, by the shares of a manual list (of 100).
local function outcome(voter)
  local dice = math.random(100)
  if dice <= 55 then return "nobody", '"disposition":"not_home","answers":{}' end
  if dice <= 65 then return "other", '"disposition":"wrong_number","answers":{}' end
  if dice <= 75 then return "nobody", '"disposition":"disconnected","answers":{}' end
  if dice <= 79 then return voter, '"disposition":"refused","answers":{}' end
  if dice <= 82 then return "nobody", '"disposition":"busy","answers":{}' end
  local level, helps = math.random(5), math.random(10) == 1 and "true" or "false"
  return voter, '"disposition":"canvassed","answers":{"support":' .. level
    .. ',"issue":"schools","volunteer":' .. helps .. '}'
end

local function result_body(call)
  local spoke_with, first = outcome(call.voters[1])
  local results = {'{"voter_id":"' .. call.voters[1] .. '",' .. first .. '}'}
  for place = 2, #call.voters do
    results[place] = '{"voter_id":"' .. call.voters[place]
      .. '","disposition":"not_home","answers":{}}'
  end
  return '{"ticket":"' .. call.ticket .. '","spoke_with":"' .. spoke_with
    .. '","results":[' .. table.concat(results, ",") .. '],"device_time":"'
    .. os.date("!%Y-%m-%dT%H:%M:%SZ") .. '"}'
end

function request()
  sent = sent + 1
  local id = number .. "-" .. sent
  local path, body, caller, kind
  local call = table.remove(holding, 1)
  if call then
    kind, caller, path = "result", call.caller, "/results/calls"
    body = result_body(call)
  else
    caller = table.remove(free, 1)
    kind, path = "next", "/queue/phone-banks/" .. bank .. "/assignments"
    body = caller.receipt and '{"receipt":"' .. caller.receipt .. '"}' or "{}"
  end
  flying[id] = {kind = kind, caller = caller, call = call, began = now_us()}
  return wrk.format("POST", path, {
    ["authorization"] = "Bearer " .. caller.token,
    ["content-type"] = "application/json",
    ["idempotency-key"] = id .. "-" .. caller.token:sub(1, 12),
    ["x-request-id"] = id,
  }, body)
end

local function answered(entry, status, body)
  local took = now_us() - entry.began
  local caller = entry.caller
  if entry.kind == "next" and (status == 201 or status == 200) then
    table.insert(next_us, took)
    local voters = {}
    for voter in body:gmatch('"voter_id":%s*"([^"]+)"') do table.insert(voters, voter) end
    table.insert(holding, {
      caller = caller, ticket = body:match('"ticket":%s*"([^"]+)"'), voters = voters,
    })
    return
  end
  if entry.kind == "result" and status == 201 then
    table.insert(result_us, took)
    caller.receipt = body:match('"receipt":%s*"([^"]+)"')
    table.insert(free, caller)
    return
  end
  local name = entry.kind .. " " .. status .. " " .. (body:match('"type":%s*"([^"]+)"') or "")
  faults[name] = (faults[name] or 0) + 1
  if entry.call then table.insert(holding, entry.call) else table.insert(free, caller) end
end

function response(status, headers, body)
  local id = headers["x-request-id"]
  local entry = flying[id]
  flying[id] = nil
  answered(entry, status, body)
end

local function gathered(name)
  local all = {}
  for _, thread in ipairs(threads) do
    for _, value in ipairs(thread:get(name)) do table.insert(all, value) end
  end
  table.sort(all)
  return all
end

local function place(sorted, share)
  return sorted[math.max(1, math.ceil(#sorted * share))] or 0
end

function done(summary, latency, requests)
  local parts = {}
  for _, kind in ipairs({"next", "result"}) do
    local sorted = gathered(kind .. "_us")
    table.insert(parts, string.format(
      '"%s":{"count":%d,"p50_ms":%.1f,"p99_ms":%.1f,"max_ms":%.1f}', kind, #sorted,
      place(sorted, 0.5) / 1000, place(sorted, 0.99) / 1000, place(sorted, 1) / 1000))
  end
  local faults = {}
  for _, thread in ipairs(threads) do
    for name, times in pairs(thread:get("faults")) do faults[name] = (faults[name] or 0) + times end
  end
  local named = {}
  for name, times in pairs(faults) do table.insert(named, string.format('"%s":%d', name, times)) end
  print(string.format('BENCH {%s,"seconds":%.3f,"faults":{%s},"socket_errors":%d}',
    table.concat(parts, ","), summary.duration / 1e6, table.concat(named, ","),
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
