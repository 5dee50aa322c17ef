#!/usr/bin/env bash
# The night of the whole fleet within a minute, against one process on one core that knows no machine yet: each machine asks for
# its files one after the other, each of them without credentials first; the licence authority takes 200 ms.
#   bench/load/storm.sh [MACHINES] [FILES] [SECONDS] [each|one]   (10000 25 60 each: a connection for each file, or one for each machine)
# PARCELER names the program (default: artifacts/native/parceler), TREE a tree (default: made), MEMORY=1 leaves the storm
# out and measures memory only, MEMORY=0 leaves that out, BUILT=1 builds nothing. Server on core 0, the rest on core 1.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
parceler=${PARCELER:-$root/artifacts/native/parceler}
machines=${1:-10000} files=${2:-25} seconds=${3:-60} connections=${4:-each}
work=$(mktemp -d "${TMPDIR:-/var/tmp}/parceler-bench.XXXX")
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
[ -n "${BUILT:-}" ] || dotnet build -c Release -v quiet "$root/bench/Parceler.Bench" >/dev/null
bench=("$root/bench/Parceler.Bench/bin/Release/net10.0/Parceler.Bench")
ulimit -n "$(ulimit -H -n)"
tree=${TREE:-}
[ -n "$tree" ] || { tree=$work/tree; "${bench[@]}" tree "$tree" --small; }

export STORAGE_PATH=$work/storage ASPNETCORE_URLS=http://127.0.0.1:18094 ENTERPRISE_ENDPOINT=http://127.0.0.1:18095/ AUTHORITY_CONCURRENCY=64
"$parceler" repository create bench --command "cp -a '$(realpath "$tree")/.' source/bench/" --delay 0 --no-sync >/dev/null
"$parceler" worker >"$work/worker.log" 2>&1 & pids+=("$!")
"$parceler" repository sync bench --wait >/dev/null 2>&1
kill "${pids[0]}"; wait "${pids[0]}" || true
(cd "$tree"; find . -name Packages.gz -size -64k | sort | head -1; find . -name Packages.sig | sort | head -1; find . -name '*.ipk' -size -48k) | sed 's|^\./||' >"$work/files"
[ -s "$work/files" ] || { echo "no files in $tree" >&2; exit 1; }

memory() { awk '/VmRSS|VmHWM/{printf "%s %.0f MB  ", $1, $2 / 1024} END{print ""}' "/proc/$server/status"; }
cpu() { awk -v hz="$(getconf CLK_TCK)" '{printf "%.2f", ($14 + $15) / hz}' "/proc/$server/stat"; }
start() { # the authority's delay in ms; the authority ends, and tells what it counted, when nobody holds its input open any more
  mkfifo "$work/told.$1"
  taskset -c 1 "${bench[@]}" authority 18095 "$1" <"$work/told.$1" & authority=$!; pids+=("$authority")
  exec {told}>"$work/told.$1"
  taskset -c 0 "$parceler" web >"$work/log.$1" 2>&1 {told}>&- & server=$!; pids+=("$server")
  until curl -sf -o /dev/null "$ASPNETCORE_URLS/up"; do sleep 0.05; done
}
stop() { kill "$server"; wait "$server" || true; exec {told}>&-; wait "$authority" || true; }

if [ "${MEMORY:-}" != 1 ]; then
  echo "$machines machines, $files files each, within $seconds s, connections: $connections; load of this machine before: $(cut -d' ' -f1-3 /proc/loadavg)"
  start 200
  before=$(cpu)
  timeout $((seconds + 120)) taskset -c 1 "${bench[@]}" storm "$ASPNETCORE_URLS/repository/enterprise/bench" "$work/files" "$machines" "$files" "$seconds" "$connections"
  echo "server        $(awk -v a="$before" -v b="$(cpu)" 'BEGIN{printf "%.2f", b - a}') s of CPU; memory: $(memory)"
  stop
  grep -E ' (warn|error|alert) ' "$work/log.200" || true
fi

[ "${MEMORY:-}" != 0 ] || exit 0
start 0
echo "memory at start                            $(memory)"
timeout 300 "${bench[@]}" sessions "$ASPNETCORE_URLS/repository/enterprise/bench/$(head -1 "$work/files")" "${SESSIONS:-100000}"
echo "with these sessions                        $(memory)"
"${bench[@]}" idle "$ASPNETCORE_URLS/repository/enterprise/bench/latest_release" "${IDLE:-10000}" 30 & idle=$!
sleep 25
echo "and with these idle connections            $(memory)"
wait "$idle"
stop
grep -E ' (warn|error|alert) ' "$work/log.0" || true
