#!/usr/bin/env bash
# A PostgreSQL server for tests, from Debian's package, in a folder of its own and on 127.0.0.1 alone. User "tests", password in FOLDER/password.
#   postgres.sh start --data FOLDER --port N [--until-gone PID]   makes it anew if the folder is new; ends it, and removes the folder, when PID is gone
#   postgres.sh stop --data FOLDER                                as at an orderly restart of the machine
#   postgres.sh kill --data FOLDER                                as at a crash
set -euo pipefail

usage() { sed -n '2,5s/^# \{0,1\}//p' "$0" >&2; exit 2; }
[ $# -ge 3 ] || usage
self=$(realpath "$0")
verb=$1 data="" port="" until_gone=""
shift
while (($#)); do
  case $1 in
    --data) data=$2 ;;
    --port) port=$2 ;;
    --until-gone) until_gone=$2 ;;
    *) usage ;;
  esac
  shift 2
done
[ -n "$data" ] || usage

bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
[ -x "$bin/postgres" ] || { echo "PostgreSQL is missing: apt-get install postgresql" >&2; exit 1; }

# The server refuses to run as root.
as_server() { if [ "$(id -u)" = 0 ]; then setpriv --reuid=postgres --regid=postgres --init-groups --inh-caps=-all -- "$@"; else "$@"; fi }

start() {
  [ -n "$port" ] || usage
  if [ ! -e "$data/cluster" ]; then
    mkdir -p "$data"
    echo 'p@ss:w/rd %1' > "$data/password" # signs that have to be escaped in an address
    chmod 755 "$data"
    if [ "$(id -u)" = 0 ]; then chown postgres: "$data" "$data/password"; fi
    as_server "$bin/initdb" --pgdata "$data/cluster" --username tests --pwfile "$data/password" --auth scram-sha-256 --encoding UTF8 --locale C.UTF-8 --no-sync >"$data/initdb.log" 2>&1 \
      || { cat "$data/initdb.log" >&2; exit 1; }
    if [ -n "$until_gone" ]; then
      (cd / && exec setsid bash "$self" watch --data "$data" --until-gone "$until_gone" </dev/null >/dev/null 2>&1) &
    fi
  fi
  local options="-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories= -c max_connections=400 -c shared_buffers=64MB"
  options+=" -c fsync=off -c full_page_writes=off -c log_line_prefix=%m_[%p]_ -c jit=off"
  (cd / && as_server "$bin/pg_ctl" start --pgdata "$data/cluster" --log "$data/server.log" --options "$options" --wait --timeout 60 >/dev/null </dev/null) \
    || { cat "$data/server.log" >&2; exit 1; }
}

stop() { (cd / && as_server "$bin/pg_ctl" stop --pgdata "$data/cluster" --mode "$1" --wait >/dev/null); }

# No orderly end, and nobody is told: the processes go as with the power.
crash() {
  local main
  main=$(head -n 1 "$data/cluster/postmaster.pid")
  kill -KILL "$main"
  while kill -0 "$main" 2>/dev/null; do sleep 0.02; done
}

watch() {
  while kill -0 "$until_gone" 2>/dev/null; do sleep 1; done
  stop immediate || true
  rm -rf "$data"
}

case $verb in
  start) start ;;
  stop) stop fast ;;
  kill) crash ;;
  watch) watch ;;
  *) usage ;;
esac
