#!/usr/bin/env bash
# The native program itself: start to the first answer, resident memory while it serves a tree, time of a command.
#   bench/load/start.sh TREE [ROUNDS]     (PARCELER names the program; default: artifacts/native/parceler)
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
parceler=${PARCELER:-$root/artifacts/native/parceler}
tree=$(realpath "$1") rounds=${2:-9}
work=$(mktemp -d "${TMPDIR:-/var/tmp}/parceler-bench.XXXX")
server=
trap 'kill $server 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
median() { sort -n | awk '{v[NR]=$1} END{print v[int((NR + 1) / 2)]}'; }
ms() { date +%s%3N; }

export STORAGE_PATH=$work/storage ASPNETCORE_URLS=http://127.0.0.1:18092
"$parceler" repository create bench --command "cp -a '$tree/.' source/bench/" --delay 0 --no-sync >/dev/null
"$parceler" machine add M1 --tier enterprise --secret s3cret >/dev/null
"$parceler" worker >"$work/log" 2>&1 & server=$!
"$parceler" repository sync bench --wait >/dev/null 2>&1
kill "$server"; wait "$server" || true

find "$tree" -type f -printf '%P\n' | sort | sed "s|^|url = \"$ASPNETCORE_URLS/repository/enterprise/bench/|; s|\$|\"|" | awk '{print; print "output = /dev/null"}' >"$work/all"
first=$(awk -F'"' 'NR==1{print $2}' "$work/all")
for round in $(seq "$rounds"); do
  began=$(ms)
  "$parceler" serve >"$work/log" 2>&1 & server=$!
  until curl -sf -o /dev/null -u M1:s3cret "$first"; do :; done
  echo $(($(ms) - began))
  if [ "$round" = "$rounds" ]; then
    curl -s -u M1:s3cret -K "$work/all"
    awk '/VmRSS/{printf "%.0f\n", $2 / 1024}' "/proc/$server/status" >"$work/memory"
  fi
  kill "$server"; wait "$server" || true
done | median >"$work/start"
for _ in $(seq "$rounds"); do began=$(ms); "$parceler" repository list >/dev/null; echo $(($(ms) - began)); done | median >"$work/list"
cat <<R
start to the first file                    $(cat "$work/start") ms (median)
resident memory after all files once       $(cat "$work/memory") MB ($(grep -c url "$work/all") files)
parceler repository list                   $(cat "$work/list") ms (median)
R
