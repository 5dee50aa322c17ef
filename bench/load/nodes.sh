#!/usr/bin/env bash
# Four web nodes and a worker on one PostgreSQL: how long until the last node serves what changed, and what a request costs the database.
#   bench/load/nodes.sh [--rounds 20]     (PARCELER names the program; default: artifacts/native/parceler)
# A change is timed from the start of the command; the command itself stands beside. Needs PostgreSQL, curl, jq, wrk and strace.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
parceler=${PARCELER:-$root/artifacts/native/parceler} rounds=20
while (($#)); do case $1 in --rounds) rounds=$2 ;; *) sed -n '2,4s/^# \{0,1\}//p' "$0" >&2; exit 2 ;; esac; shift 2; done
work=$(mktemp -d "${TMPDIR:-/var/tmp}/parceler-bench.XXXX") nodes=() port=18391 cutter=""
chmod 755 "$work" # the database server may run as another user
end() { [ -z "$cutter" ] || kill "$cutter"; for node in "${nodes[@]}"; do kill "$node" 2>/dev/null || true; done; wait || true; }
trap 'end; "$root/tests/servers/postgres.sh" stop --data "$work/db" >/dev/null 2>&1 || true; rm -rf "$work"' EXIT

"$root/tests/servers/postgres.sh" start --data "$work/db" --port 18390 >/dev/null
export DB_CONNECTION=pgsql DB_HOST=127.0.0.1 DB_PORT=18390 DB_DATABASE=postgres DB_USERNAME=tests DB_SSLMODE=disable DB_PASSWORD APP_KEY STORAGE_PATH=$work/storage
DB_PASSWORD=$(cat "$work/db/password") APP_KEY=$("$parceler" key generate --show)
query() { PGPASSWORD=$DB_PASSWORD psql -h 127.0.0.1 -p 18390 -U tests -d postgres -tA -c "$1"; }
for n in 1 2 3 4; do ASPNETCORE_URLS=http://127.0.0.1:$((port + n)) "$parceler" web >"$work/web$n.log" 2>&1 & nodes+=($!); done
"$parceler" worker >"$work/worker.log" 2>&1 & nodes+=($!)
for n in 1 2 3 4; do for _ in $(seq 200); do curl -sf "http://127.0.0.1:$((port + n))/up" >/dev/null && break; sleep 0.05; done; done

mkdir -p "$work/up"
sync() { echo "index $1" >"$work/up/Packages"; head -c 12000 /dev/urandom >"$work/up/hello.ipk"; "$parceler" repository sync bench --wait >/dev/null; }
"$parceler" repository create bench --command "cp $work/up/* source/bench/" --delay 7 --gate off --no-sync >/dev/null
sync 1; sleep 1; sync 2 # a snapshot is named by its second
mapfile -t snapshots < <("$parceler" snapshot list bench --json | jq -r '.[].instant' | sort)
machines=$((4 * rounds + 2)) machine=0
for n in $(seq $machines); do "$parceler" machine add "m$n" --tier community --secret secret >/dev/null; done

# Until each node gives a machine that it never saw the awaited answer, by a look every few milliseconds; prints seconds since $1.
until_all() { # since, awaited status and content, machine
  local n look answer; for n in 1 2 3 4; do
    for look in $(seq 3000); do
      answer=$(curl -s -u "m$3:secret" -w '%{http_code}' "http://127.0.0.1:$((port + n))/repository/community/bench/Packages" | tr -d '\n')
      [[ $answer == *$2 ]] && break
      [ "$look" -lt 3000 ] || { echo "node $n still answers $answer, not $2" >&2; return 1; }
      sleep 0.005
    done
  done
  date +%s.%N | awk -v a="$1" '{printf "%.3f\n", $1 - a}'
}
statistics() { sort -n "$1" | awk '{v[NR] = $1} END{printf "%.3f s, longest %.3f s", v[int((NR + 1) / 2)], v[NR]}'; }
changes() { # where figures go; each round a freeze (with --now, so that no session holds it back) and a machine that is let in no more
  local since round; for round in $(seq "$rounds"); do
    since=$(date +%s.%N) machine=$((machine + 1))
    "$parceler" repository freeze bench "${snapshots[round % 2]}" --now >/dev/null; date +%s.%N | awk -v a="$since" '{printf "%.3f\n", $1 - a}' >>"$work/command$1"
    until_all "$since" "index $((round % 2 + 1))200" "$machine" >>"$work/freeze$1"
    since=$(date +%s.%N); "$parceler" machine remove "m$machine" --tier community >/dev/null
    until_all "$since" "@(403|503)" "$machine" >>"$work/revoke$1"
    "$parceler" repository unfreeze bench >/dev/null # serves whichever; the next freeze names another
  done
}
changes ""
while query "select pg_terminate_backend(pid) from pg_stat_activity where query ilike 'listen%'" >/dev/null; do sleep 0.1; done & cutter=$!
sleep 2; changes -cut; kill $cutter; wait $cutter 2>/dev/null || true; cutter=""

header="Authorization: Basic $(printf 'm%s:secret' "$machines" | base64)"
url=http://127.0.0.1:$((port + 1))/repository/community/bench/hello.ipk
curl -s -o /dev/null -H "$header" "$url"; sleep 6 # what it began is written
transactions() { query "select xact_commit + xact_rollback from pg_stat_database where datname = 'postgres'"; }
before=$(transactions); sleep 10; idle=$(($(transactions) - before))
before=$(transactions); wrk -t1 -c32 -d10s -H "$header" "$url" >"$work/wrk"; busy=$(($(transactions) - before))
timeout 4 strace -f -c -e trace=futex,sendto,sendmsg,connect -p "${nodes[0]}" -o "$work/strace" 2>/dev/null & tracer=$!
sleep 0.5; wrk -t1 -c32 -d3s -H "$header" "$url" >"$work/wrk-traced"; wait $tracer || true
requests() { awk '/requests in/{print $1}' "$1"; }
calls() { awk -v name="$1" '$NF == name {print $4}' "$work/strace" | grep . || echo 0; }

printf '%-62s %s\n' "a freeze until the last of 4 nodes serves it" "$(statistics "$work/freeze")" "the command alone" "$(statistics "$work/command")" \
  "a revoked machine until all 4 nodes refuse it" "$(statistics "$work/revoke")" \
  "with notifications cut: freeze" "$(statistics "$work/freeze-cut")" "with notifications cut: revoked machine" "$(statistics "$work/revoke-cut")" \
  "transactions in 10 s without, and with $(requests "$work/wrk") requests" "$idle, $busy" \
  "futex calls, connections for $(requests "$work/wrk-traced") requests (traced)" "$(calls futex), $(calls connect)"
