#!/usr/bin/env bash
# Server CPU per request: Parceler beside nginx with auth_request + proxy_cache (what one would build instead), on the same
# files, in turns, in one run. Server on core 0, load generator on core 1. Needs wrk and nginx; reads a tree given or made.
#   bench/load/serve.sh [TREE] [SECONDS]      (PARCELER names the program; default: artifacts/native/parceler)
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
parceler=${PARCELER:-$root/artifacts/native/parceler}
tree=${1:-} seconds=${2:-5}
work=$(mktemp -d); chmod 755 "$work" # the workers of an nginx started by root are another user
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
[ -n "$tree" ] || { tree=$work/tree; dotnet run -c Release --project "$root/bench/Parceler.Bench" -- tree "$tree"; }
tree=$(realpath "$tree")

export STORAGE_PATH=$work/storage ASPNETCORE_URLS=http://127.0.0.1:18080
"$parceler" repository create bench --command "cp -a '$tree/.' source/bench/" --delay 0 --sync >/dev/null 2>&1
"$parceler" machine add M1 --tier enterprise --secret s3cret >/dev/null
taskset -c 0 "$parceler" serve >"$work/parceler.log" 2>&1 & server=$!; pids+=("$server")
"$parceler" repository sync bench --wait >/dev/null 2>&1

mkdir -p "$work/nginx/cache"
cat >"$work/nginx/nginx.conf" <<C
worker_processes 1; pid $work/nginx/pid; error_log $work/nginx/error.log; worker_cpu_affinity 01;
events { worker_connections 1024; }
http {
  access_log off; sendfile on; keepalive_requests 1000000; open_file_cache max=20000 inactive=60s; default_type application/octet-stream;
  client_body_temp_path $work/nginx/a; proxy_temp_path $work/nginx/b; fastcgi_temp_path $work/nginx/c; uwsgi_temp_path $work/nginx/d; scgi_temp_path $work/nginx/e;
  proxy_cache_path $work/nginx/cache keys_zone=auth:10m;
  server { listen 127.0.0.1:18082; return 200; }
  server { listen 127.0.0.1:18081;
    location / { root $tree; }
    location /repository/enterprise/bench/ { alias $tree/; auth_request /auth; }
    location = /auth { internal; proxy_pass http://127.0.0.1:18082; proxy_pass_request_body off; proxy_set_header Content-Length ""; proxy_cache auth; proxy_cache_key \$http_authorization; proxy_cache_valid 200 1h; }
  }
}
C
nginx -p "$work/nginx" -c "$work/nginx/nginx.conf" -g 'daemon off;' & pids+=("$!"); sleep 1
nginx_worker=$(pgrep -P "${pids[-1]}" | head -1)

of_size() { find "$tree" -type f -size -"$2"c -size +"$1"c -printf '%P\n' | sort | sed -n 1p; }
auth="Authorization: Basic $(printf M1:s3cret | base64)"
ticks() { awk '{print $14+$15}' "/proc/$1/stat"; }
hz=$(getconf CLK_TCK)
# name pid port path extra-header -> microseconds of server CPU per request
measure() {
  local before after out requests
  before=$(ticks "$1")
  out=$(taskset -c 1 wrk -t1 -c16 -d"${seconds}s" -H "$auth" ${4:+-H "$4"} "http://127.0.0.1:$2/$3")
  after=$(ticks "$1")
  requests=$(awk '/requests in/{print $1}' <<<"$out")
  grep -q 'Non-2xx' <<<"$out" && [ -z "${4:-}" ] && { echo "errors: $out" >&2; exit 1; }
  awk -v t=$((after - before)) -v r="$requests" -v hz="$hz" 'BEGIN{printf "%.2f", t / hz / r * 1e6}'
}
printf '%-8s %12s %18s %12s %22s\n' size parceler 'nginx auth_request' 'nginx plain' 'auth_request/parceler'
for case in "1kB 900 1300" "12kB 11500 12500" "300kB 280000 330000" "5MB 4000000 6500000"; do
  read -r name least most <<<"$case"
  file=$(of_size "$least" "$most"); [ -n "$file" ] || continue
  for round in 1 2 3; do
    p=$(measure "$server" 18080 "repository/enterprise/bench/$file")
    a=$(measure "$nginx_worker" 18081 "repository/enterprise/bench/$file")
    n=$(measure "$nginx_worker" 18081 "$file")
    echo "$name $p $a $n"
  done
done | awk '{p[$1]=p[$1]" "$2; a[$1]=a[$1]" "$3; n[$1]=n[$1]" "$4; if(!($1 in s)){s[$1]=1; o[++k]=$1}}
  function med(x, v,c){c=split(x,v," "); asort3(v,c); return v[2]}
  function asort3(v,c, i,j,t){for(i=1;i<=c;i++)for(j=i+1;j<=c;j++)if(v[j]+0<v[i]+0){t=v[i];v[i]=v[j];v[j]=t}}
  END{for(i=1;i<=k;i++){x=o[i]; printf "%-8s %9s us %15s us %9s us %22.2f\n", x, med(p[x]), med(a[x]), med(n[x]), med(a[x])/med(p[x])}}'
echo "resident memory of Parceler: $(awk '/VmRSS/{print $2/1024" MB"}' "/proc/$server/status")"
