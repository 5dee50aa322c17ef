#!/usr/bin/env bash
# Import of what the replaced program leaves: seven snapshot folders, each a whole copy. Beside openssl over the same files, in one run.
#   bench/load/import.sh TREE NEXT_DAY     (PARCELER names the program; default: artifacts/native/parceler; ROUNDS: 3)
# TREE and NEXT_DAY as made by: dotnet run -c Release --project bench/Parceler.Bench -- tree FOLDER [--day 1] [--files N] [--small]
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
parceler=${PARCELER:-$root/artifacts/native/parceler}
tree=$(realpath "$1") next=$(realpath "$2") rounds=${ROUNDS:-3}
work=$(mktemp -d "${TMPDIR:-/var/tmp}/parceler-bench.XXXX")
trap 'rm -rf "$work"' EXIT
now() { date +%s.%N; }
seconds() { awk -v a="$1" -v b="$2" 'BEGIN{printf "%.3f", b - a}'; }
median() { sort -n "$1" | awk '{v[NR]=$1} END{print v[int((NR + 1) / 2)]}'; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN{printf "%.2f", a / b}'; }

# As that program lays it out: a folder for each day, every file of it a copy. The last two days are of the next state.
old=$work/old/app/private/snapshots/bench
mkdir -p "$old"
for day in 6 5 4 3 2 1 0; do
  from=$tree; [ "$day" -lt 2 ] && from=$next
  cp -r --reflink=never "$from" "$old/$(date -u -d "$day days ago" +%Y-%m-%dT%H:%M:%S+00:00)"
done
sqlite3 "$work/old/database.sqlite" "create table migrations (id integer primary key, migration varchar not null, batch integer not null);
  create table repositories (id integer primary key autoincrement not null, name varchar not null, command text not null, sub_dir varchar, delay integer not null, freeze varchar, created_at datetime, updated_at datetime);
  insert into repositories (name, command, delay) values ('bench', 'true', 7);"
files=$(find "$old" -type f | wc -l) bytes=$(du -sb --apparent-size "$old" | cut -f1)
different=$( (cd "$tree" && find . -type f -exec sha256sum {} +; cd "$next" && find . -type f -exec sha256sum {} +) | cut -c1-64 | sort -u | wc -l)
look() { (cd "$work/old" && find . -printf '%p %s %T@ %C@\n' | sort | sha256sum); }
before=$(look)

for _ in $(seq "$rounds"); do
  find "$old" -type f -exec cat {} + >/dev/null; sync
  began=$(now); find "$old" -type f -print0 | xargs -0 -P2 -n 600 openssl dgst -sha256 >/dev/null; seconds "$began" "$(now)" >>"$work/openssl"; echo >>"$work/openssl"
  export STORAGE_PATH=$work/storage; rm -rf "$STORAGE_PATH"; sync
  began=$(now); "$parceler" import laravel --database "$work/old/database.sqlite" --storage "$work/old/app/private" --json >"$work/report"; seconds "$began" "$(now)" >>"$work/import"; echo >>"$work/import"
  began=$(now); "$parceler" import laravel --database "$work/old/database.sqlite" --storage "$work/old/app/private" --json >"$work/again"; seconds "$began" "$(now)" >>"$work/second"; echo >>"$work/second"
done
jq -e '[.repositories[0].snapshots[].state] == ["taken","taken","taken","taken","taken","taken","taken"]' "$work/report" >/dev/null
jq -e '[.repositories[0].snapshots[].state] | unique == ["there"]' "$work/again" >/dev/null
[ "$(look)" = "$before" ] || { echo "the original was changed" >&2; exit 1; }
sed -i '/^$/d' "$work/openssl" "$work/import" "$work/second"
ours=$(median "$work/import") theirs=$(median "$work/openssl")
cat <<R
files                     $files of $bytes bytes in 7 folders; medians of $rounds rounds, load $(cut -d' ' -f1-3 /proc/loadavg)
import                    $ours s; openssl, two processes: $theirs s; ratio $(ratio "$ours" "$theirs")
blobs                     $(find "$STORAGE_PATH/blobs" -type f | wc -l), different contents: $different; $(du -sb --apparent-size "$STORAGE_PATH/blobs" | cut -f1) bytes
second run                $(median "$work/second") s
R
