-- Requests of many machines for wrk, made beforehand, so that the generator costs little.
--   wrk -s machines.lua URL -- PREFIX PATHS CREDENTIALS [close] [dated] [each]
-- PATHS: lines of path, tab, time of change. CREDENTIALS: a line for each machine; "-" asks without any.
-- close: a connection for each request. dated: asks whether the file changed since. each: one request of each machine in turn, not random ones.
local made, at = {}, 0

local function lines(path)
  local all = {}
  for line in io.lines(path) do all[#all + 1] = line end
  return all
end

function init(args)
  local is = {}
  for i = 4, #args do is[args[i]] = true end
  math.randomseed(7)
  local paths, credentials = lines(args[2]), args[3] ~= "-" and lines(args[3]) or nil
  for i = 1, is.each and #credentials or 20000 do
    local path, time = paths[math.random(#paths)]:match("^(.-)\t(%d+)")
    local headers = { Connection = is.close and "close" or nil }
    if is.dated then headers["If-Modified-Since"] = os.date("!%a, %d %b %Y %H:%M:%S GMT", tonumber(time)) end
    if credentials then headers.Authorization = "Basic " .. credentials[is.each and i or math.random(#credentials)] end
    made[i] = wrk.format("GET", args[1] .. path:gsub("[^%w/._~-]", function(c) return ("%%%02X"):format(c:byte()) end), headers)
  end
end

function request()
  at = at % #made + 1
  return made[at]
end
