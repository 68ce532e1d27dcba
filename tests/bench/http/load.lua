-- What wrk asks the service, by the environment: JOB, TOKEN, REFRESH, TEAM, ACCOUNTS (a file, an id a
-- line). At the end it prints a line of JSON.

local job = os.getenv("JOB")
local accounts = {}
for line in io.lines(os.getenv("ACCOUNTS")) do
  accounts[#accounts + 1] = line
end

local bearer = { ["Authorization"] = "Bearer " .. os.getenv("TOKEN"), ["Content-Type"] = "application/json" }
local trade = string.format('{"refreshToken":"%s","teamId":"%s"}', os.getenv("REFRESH"), os.getenv("TEAM"))
local turn = 0

local function recipients(count)
  local parts = {}
  for i = 1, count do
    parts[i] = string.format('{"chatId":"chat-%d"}', i)
  end
  return '{"compose":{"text":"a message of some forty characters, as most"},"recipients":['
    .. table.concat(parts, ",") .. "]}"
end
local ten = recipients(10)

local make = {
  enqueue = function(account)
    local path = "/im/messages/" .. account .. "/chat-" .. (turn % 10)
    return wrk.format("POST", path, bearer, '{"text":"a message of some forty characters, as most"}')
  end,
  fill = function(account)
    return wrk.format("POST", "/im/messages?accountId=" .. account, bearer, ten)
  end,
  create = function()
    return wrk.format("POST", "/im/accounts", bearer, '{"type":"mock","tier":"unlimited_msg_no_chat_history"}')
  end,
  list = function()
    return wrk.format("GET", "/im/accounts", bearer)
  end,
  token = function()
    return wrk.format("POST", "/auth/token", { ["Content-Type"] = "application/json" }, trade)
  end,
}

local threads = 0
function setup(thread)
  -- Threads begin at different accounts.
  thread:set("turn", threads * 7919)
  threads = threads + 1
end

function request()
  turn = turn + 1
  return make[job](accounts[turn % #accounts + 1])
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"job":"%s","requests":%d,"seconds":%.3f,"p50Ms":%.3f,"p99Ms":%.3f,"status":%d,"broken":%d}\n',
    job, summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3,
    latency:percentile(99) / 1e3, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout))
end
