#!/usr/bin/env bash
# Time and disk of ingest and of snapshots, beside what the same work costs with other tools, in one run.
#   bench/load/snapshots.sh TREE NEXT_DAY [SNAPSHOTS]     (PARCELER names the program; default: artifacts/native/parceler)
# TREE and NEXT_DAY as made by: dotnet run -c Release --project bench/Parceler.Bench -- tree FOLDER [--day 1] [--files N] [--small]
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
parceler=${PARCELER:-$root/artifacts/native/parceler}
tree=$(realpath "$1") next=$(realpath "$2") snapshots=${3:-100}
work=$(mktemp -d "${TMPDIR:-/var/tmp}/parceler-bench.XXXX")
trap 'kill "$server" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
now() { date +%s.%N; }
seconds() { awk -v a="$1" -v b="$2" 'BEGIN{printf "%.3f", b - a}'; }
export STORAGE_PATH=$work/storage ASPNETCORE_URLS=http://127.0.0.1:18090
mkdir -p "$work/source"; cp -a "$tree/." "$work/source/"; find "$work/source" -type f -exec cat {} + >/dev/null; sync

# The peer of the first ingest: two processes of openssl over the same files, warm.
began=$(now); find "$work/source" -type f -print0 | xargs -0 -P2 -n 600 openssl dgst -sha256 >/dev/null; openssl=$(seconds "$began" "$(now)")
# What the disk itself takes for as many bytes: an ingest ends when they are durable, and can't be faster than that.
bytes=$(du -sb --apparent-size "$work/source" | cut -f1)
began=$(now); dd if=/dev/zero of="$work/dd" bs=1M count=$((bytes >> 20)) oflag=direct 2>/dev/null; disk=$(seconds "$began" "$(now)"); rm "$work/dd"

"$parceler" serve >"$work/log" 2>&1 & server=$!
for _ in $(seq 100); do curl -sf "$ASPNETCORE_URLS/up" >/dev/null && break; sleep 0.05; done
"$parceler" repository create bench --command true --delay 0 --no-sync >/dev/null
mkdir -p "$STORAGE_PATH/source"; rm -rf "$STORAGE_PATH/source/bench"; mv "$work/source" "$STORAGE_PATH/source/bench"
run() { # seconds of the job itself, as the queue recorded them; what others have written is on the disk before
  sync
  "$parceler" repository sync bench --wait >/dev/null 2>&1
  sqlite3 "$STORAGE_PATH/database.sqlite" "select round((finished_at - started_at) / 1000.0, 3) from jobs where kind = 'repository.sync' order by id desc limit 1"
}
first=$(run); size1=$(du -sb "$STORAGE_PATH/blobs" "$STORAGE_PATH/snapshots" | awk '{s+=$1} END{print s}')

# The peer of the next day: rsync of the changes into a hard-linked copy.
cp -a "$tree" "$work/copy0"; sync
began=$(now); rsync -a --delete --link-dest="$work/copy0" "$next/" "$work/copy1/"; linkdest=$(seconds "$began" "$(now)")
rsync -a --delete "$next/" "$STORAGE_PATH/source/bench/"
changed=$(rsync -a --delete --stats --dry-run "$next/" "$tree/" | awk -F'[: ]+' '/Total transferred file size/{gsub(",","",$5); print $5}')
second=$(run); size2=$(du -sb "$STORAGE_PATH/blobs" "$STORAGE_PATH/snapshots" | awk '{s+=$1} END{print s}')
unchanged=$(run); newblobs=$("$parceler" repository snapshots bench --json | jq '.[-1].newBytes')
for _ in $(seq 4 "$snapshots"); do last=$(run); done
files=$("$parceler" repository snapshots bench --json | jq '.[-1].files')
ratio() { awk -v a="$1" -v b="$2" 'BEGIN{printf "%.2f", a / b}'; }
cat <<R
files                                      $files
first ingest                               $first s; openssl, two processes: $openssl s; ratio $(ratio "$first" "$openssl"); the disk's own time for the bytes: $disk s
next day                                   $second s; rsync --link-dest: $linkdest s; ratio $(ratio "$second" "$linkdest")
unchanged                                  $unchanged s; new bytes: $newblobs
snapshot no. $snapshots, unchanged               $last s; no. 3: $unchanged s; ratio $(ratio "$last" "$unchanged")
disk of the second snapshot                $((size2 - size1)) bytes for $changed changed; beyond them, a file: $(awk -v a=$((size2 - size1 - changed)) -v f="$files" 'BEGIN{printf "%.1f", a / f}') bytes
R
