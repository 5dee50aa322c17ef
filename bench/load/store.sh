#!/usr/bin/env bash
# Files of 5 MB out of an S3 gateway: streamed by Parceler, and by nginx (proxy_pass) from the same gateway, in turns in one run.
#   bench/load/store.sh [--files 40] [--rounds 5] [--connections 4]     (PARCELER names the program; default: artifacts/native/parceler)
# Each file is asked for once a round. Parceler keeps nothing (BLOB_CACHE_BYTES=0), but for the last row, where it keeps all.
# Needs nginx and curl. The gateway is the one of the tests (tests/servers/s3.sh).
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
parceler=${PARCELER:-$root/artifacts/native/parceler} files=40 rounds=5 connections=4
while (($#)); do case $1 in --files) files=$2 ;; --rounds) rounds=$2 ;; --connections) connections=$2 ;; *) sed -n '2,5s/^# \{0,1\}//p' "$0" >&2; exit 2 ;; esac; shift 2; done
work=$(mktemp -d "${TMPDIR:-/var/tmp}/parceler-bench.XXXX") service="" nginx=""
s3() { "$root/tests/servers/s3.sh" "$@" --data "$work/s3"; }
end() { [ -z "$service" ] || { kill "$service"; wait "$service" || true; service=""; }; }
trap 'end; [ -z "$nginx" ] || kill "$nginx"; s3 stop >/dev/null 2>&1 || true; rm -rf "$work"' EXIT
median() { sort -n "$1" | awk '{v[NR] = $1} END{print v[int((NR + 1) / 2)]}'; }

s3 start --port 18291 --bucket bench >"$work/said" 2>"$work/errors" || { cat "$work/errors" >&2; exit 1; }
# shellcheck source=/dev/null
. "$work/said"
export FILESYSTEM_DISK=s3 AWS_BUCKET=bench AWS_ACCESS_KEY_ID=$S3_ACCESS_KEY AWS_SECRET_ACCESS_KEY=$S3_SECRET_KEY AWS_DEFAULT_REGION=$S3_REGION AWS_ENDPOINT=$S3_ENDPOINT AWS_USE_PATH_STYLE_ENDPOINT=true
export STORAGE_PATH=$work/storage ASPNETCORE_URLS=http://127.0.0.1:18292 S3_URL_SECONDS=86400 APP_KEY; APP_KEY=$("$parceler" key generate --show)
start() { # cache in bytes
  BLOB_CACHE_BYTES=$1 "$parceler" serve >"$work/log" 2>&1 & service=$!
  for _ in $(seq 200); do curl -sf "$ASPNETCORE_URLS/up" >/dev/null && break; sleep 0.05; done
}

mkdir -p "$work/up" "$work/nginx"
for n in $(seq "$files"); do head -c 5000000 /dev/urandom >"$work/up/$n.bin"; done
start 0
"$parceler" repository create bench --command "cp $work/up/* source/bench/" --delay 0 --no-sync >/dev/null
"$parceler" repository sync bench --wait >/dev/null
"$parceler" machine add bench --tier community --secret bench >/dev/null
base=$ASPNETCORE_URLS/repository/community/bench

cat >"$work/nginx.conf" <<N
daemon off; user $(id -un); pid $work/nginx/pid; worker_processes 1; error_log $work/nginx/error.log;
events { worker_connections 512; }
http { access_log off; keepalive_requests 1000000; proxy_temp_path $work/nginx/p; client_body_temp_path $work/nginx/b; fastcgi_temp_path $work/nginx/f; uwsgi_temp_path $work/nginx/u; scgi_temp_path $work/nginx/s;
  upstream s3 { server ${S3_ENDPOINT#http://}; keepalive 16; }
  server { listen 127.0.0.1:18293; location / { proxy_pass http://s3; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host ${S3_ENDPOINT#http://}; proxy_max_temp_file_size 0; proxy_buffers 16 64k; proxy_buffer_size 64k; proxy_busy_buffers_size 128k; } } }
N
nginx -p "$work/nginx" -e "$work/nginx/error.log" -c "$work/nginx.conf" & nginx=$!

for n in $(seq "$files"); do # the addresses that the bucket gives them at
  printf 'url = "http://127.0.0.1:18293%s"\noutput = "/dev/null"\n' "$(curl -s -o /dev/null -u bench:bench -w '%{redirect_url}' "$base/$n.bin" | sed "s,^$S3_ENDPOINT,,")" >>"$work/nginx.urls"
  printf 'url = "%s/%s.bin"\noutput = "/dev/null"\nuser = "bench:bench"\nuser-agent = "uclient-fetch"\n' "$base" "$n" >>"$work/parceler.urls"
done
take() { # all files once: seconds
  local since; since=$(date +%s.%N)
  curl -f --no-progress-meter --parallel --parallel-max "$connections" --config "$work/$1.urls" -w '%{size_download}\n' >"$work/sizes"
  date +%s.%N | awk -v a="$since" '{printf "%.3f\n", $1 - a}' >>"$work/times-$2"
  [ "$(sort -u "$work/sizes")" = 5000000 ] || { echo "$2: not all files came whole" >&2; exit 1; }
}
take nginx warm; take parceler warm
for _ in $(seq "$rounds"); do take nginx nginx; take parceler parceler; done
end; start 4000000000; take parceler warm
for _ in $(seq "$rounds"); do take nginx nginx-again; take parceler cached; done

row() { awk -v what="$1" -v a="$(median "$work/times-$2")" -v b="$(median "$work/times-$3")" -v mb="$((files * 5))" 'BEGIN{printf "%-34s %8.0f MB/s %8.0f MB/s %8.2f\n", what, mb / a, mb / b, a / b}'; }
printf '%-34s %13s %13s %8s\n' "$files files of 5 MB, $connections at a time" nginx Parceler ratio
row "streamed from the bucket" nginx parceler
row "from Parceler's cache" nginx-again cached
