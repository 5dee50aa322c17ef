#!/usr/bin/env bash
# How long a switch of the served snapshot takes, beside aptly's publish switch of 2,000 packages, in one run. A machine asks
# for a file of the repository all the time: no request may fail.
#   bench/load/switch.sh TREE NEXT_DAY [ROUNDS]     (PARCELER names the program; default: artifacts/native/parceler)
# Needs aptly and sqlite3. TREE and NEXT_DAY as made by: dotnet run -c Release --project bench/Parceler.Bench -- tree FOLDER [--day 1]
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
parceler=${PARCELER:-$root/artifacts/native/parceler}
tree=$(realpath "$1") next=$(realpath "$2") rounds=${3:-9}
work=$(mktemp -d "${TMPDIR:-/var/tmp}/parceler-bench.XXXX")
trap 'kill "$server" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
dotnet build -c Release -v quiet "$root/bench/Parceler.Bench" >/dev/null
bench=("$root/bench/Parceler.Bench/bin/Release/net10.0/Parceler.Bench")
median() { sort -n | awk '{v[NR]=$1} END{print v[int((NR + 1) / 2)]}'; }
ms() { date +%s%3N; }

export STORAGE_PATH=$work/storage ASPNETCORE_URLS=http://127.0.0.1:18091
"$parceler" repository create bench --command "cp -a '$tree/.' source/bench/" --delay 7 --no-sync >/dev/null
"$parceler" machine add M1 --tier enterprise --secret s3cret >/dev/null
"$parceler" serve >"$work/log" 2>&1 & server=$!
for _ in $(seq 100); do curl -sf "$ASPNETCORE_URLS/up" >/dev/null && break; sleep 0.05; done
"$parceler" repository sync bench --wait >/dev/null 2>&1
"$parceler" repository edit bench --command "cp -a '$next/.' source/bench/" >/dev/null
"$parceler" repository sync bench --wait >/dev/null 2>&1
newest=$("$parceler" repository snapshots bench --json | jq -r '.[-1].instant')
# A machine that reads an index stays on its snapshot: this one reads a file that changed and is none.
file=$(rsync -an --existing --out-format=%n "$next/" "$tree/" | grep -E '\.ipk$|latest_release' | sed -n 1p)

# Freezes and unfreezes in turns: each is a switch between the two snapshots.
"${bench[@]}" watch "$ASPNETCORE_URLS/repository/enterprise/bench/$file" M1:s3cret $((rounds * 2 * 2 + 2)) >"$work/answers" & watch=$!
sleep 1
for _ in $(seq "$rounds"); do
  ms >>"$work/began"; "$parceler" repository freeze bench "$newest" >/dev/null; sleep 1.5
  ms >>"$work/began"; "$parceler" repository unfreeze bench >/dev/null; sleep 1.5
done
wait "$watch"
sqlite3 "$STORAGE_PATH/database.sqlite" "select since from servings order by since" | tail -n $((rounds * 2)) >"$work/committed"
grep -v requests "$work/answers" | tail -n +2 | awk '{print $1}' >"$work/seen"
paste "$work/seen" "$work/committed" | awk 'NF==2{print $1 - $2}' | median >"$work/commit-to-answer"
paste "$work/seen" "$work/began" | awk 'NF==2{print $1 - $2}' | median >"$work/command-to-answer"

# The peer: two snapshots of a published repository, switched to and fro.
"${bench[@]}" debs "$work/debs" 2000
cat >"$work/aptly.conf" <<C
{"rootDir": "$work/aptly", "gpgDisableSign": true, "gpgDisableVerify": true}
C
aptly() { command aptly -config="$work/aptly.conf" "$@" >/dev/null 2>&1; }
aptly repo create -distribution=bench bench
aptly repo add bench "$work/debs"
aptly snapshot create one from repo bench
aptly repo remove bench sample0
aptly snapshot create two from repo bench
aptly publish snapshot -skip-signing -architectures=amd64 one
for _ in $(seq "$rounds"); do
  for to in two one; do began=$(ms); aptly publish switch -skip-signing bench "$to"; echo $(($(ms) - began)); done
done | median >"$work/aptly-ms"

cat <<R
switches seen                              $(wc -l <"$work/seen") of $((rounds * 2)); $(tail -1 "$work/answers")
committed to the first other answer        $(cat "$work/commit-to-answer") ms (median)
command started to the first other answer  $(cat "$work/command-to-answer") ms; aptly publish switch: $(cat "$work/aptly-ms") ms; ratio $(awk -v a="$(cat "$work/command-to-answer")" -v b="$(cat "$work/aptly-ms")" 'BEGIN{printf "%.2f", a / b}')
R
