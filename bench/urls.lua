-- Gives wrk the request lines of the file named by the environment variable URLS, one after the
-- other from a random start, and counts the answers that are not as expected.
local paths = {}
for line in io.lines(os.getenv("URLS")) do paths[#paths + 1] = line end
local headers = {}
local etag = os.getenv("ETAG")
if etag ~= nil and etag ~= "" then headers["If-None-Match"] = etag end

local at = 0
local threads = {}
function setup(thread) threads[#threads + 1] = thread end
function init(args)
  math.randomseed(os.time())
  at = math.random(#paths)
  wrong = 0
  expected = tonumber(os.getenv("EXPECT") or "200")
end
function request()
  at = at % #paths + 1
  return wrk.format("GET", paths[at], headers)
end
function response(status)
  if status ~= expected then wrong = wrong + 1 end
end
function done(summary, latency)
  local wrong_answers = 0
  for _, thread in ipairs(threads) do wrong_answers = wrong_answers + thread:get("wrong") end
  io.write(string.format("RESULT %.1f %.0f %.0f %d\n",
    summary.requests / summary.duration * 1e6, latency:percentile(50), latency:percentile(99),
    wrong_answers + summary.errors.connect + summary.errors.read + summary.errors.timeout))
end
