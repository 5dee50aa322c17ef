#!/usr/bin/env bash
# A real Redis for the tests, on 127.0.0.1, which keeps nothing.
#
#   redis.sh start --data DIR --port N [--with-input]   prints REDIS_URL=... once it answers
#   redis.sh stop  --data DIR
#   redis.sh kill  --data DIR                           SIGKILL
#
# With --with-input it ends when standard input does, and its folder is removed.
set -euo pipefail
umask 077
# shellcheck source=parts.sh
. "$(dirname "$0")/parts.sh"

data='' port='' with_input=''
command=${1:-}; shift || true
while (($#)); do
  case $1 in
    --data) data=$2; shift ;;
    --port) port=$2; shift ;;
    --with-input) with_input=1 ;;
    *) die "what is '$1'?" ;;
  esac
  shift
done
[ -n "$data" ] || { sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2; }
mkdir -p "$data"/{run,log}
data=$(readlink -f "$data")

# Debian's package redis-server starts a server of the system when it is installed. Its program is in redis-tools, too, under the
# name of a tool: it is told by its name what it is.
server() { # what runs in the end is the server itself, under the pid of the part
  local program
  program=$(command -v redis-server || command -v redis-check-rdb) || die "neither redis-server nor redis-tools is installed"
  spawn redis bash -c 'exec -a redis-server "$@"' - "$program" --bind 127.0.0.1 --port "$port" --dir "$data" --save '' --appendonly no
}

start() {
  [ -n "$port" ] || die "--port is missing"
  pid_of redis >/dev/null || server
  for _ in {1..100}; do
    pid_of redis >/dev/null || break
    [ "$(redis-cli -h 127.0.0.1 -p "$port" ping 2>/dev/null)" != PONG ] || { ready; return; }
    sleep 0.05
  done
  tail -n 5 "$data/log/redis.out" >&2
  end_parts redis
  die "it did not start: see $data/log"
}

ready() {
  [ -z "$with_input" ] || end_with_input
  echo "REDIS_URL=redis://127.0.0.1:$port"
}

case $command in
  start) start ;;
  stop) end_parts redis ;;
  kill) kill_part redis ;;
  *) die "start, stop or kill?" ;;
esac
