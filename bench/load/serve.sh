#!/usr/bin/env bash
# Server CPU per request: Parceler beside nginx (static; and with auth_request + proxy_cache, what one would build instead) and
# Caddy, on the same files, with 1,000 machines, in turns, in one run. Servers on core 0, load generator on core 1.
#   bench/load/serve.sh [--quick] [--rounds N] [--seconds N] [--cases "1kB 12kB ..."] [TREE]
# A tree is made when none is given. Needs the Debian packages nginx, caddy and wrk. PARCELER names the program (default:
# artifacts/native/parceler), BEFORE an older one to be compared with it.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
parceler=${PARCELER:-$root/artifacts/native/parceler} before=${BEFORE:-}
tree='' rounds=8 seconds=3
cases='1kB 12kB 12kB-leased 300kB 5MB all 304 401 404 new-connection'
while [ $# -gt 0 ]; do
  case $1 in
    --quick) rounds=3 seconds=2 ;;
    --rounds) rounds=$2; shift ;;
    --seconds) seconds=$2; shift ;;
    --cases) cases=$2; shift ;;
    *) tree=$1 ;;
  esac
  shift
done
work=$(mktemp -d "${TMPDIR:-/var/tmp}/parceler-bench.XXXX"); chmod 755 "$work" # the workers of an nginx started by root are another user
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
[ -n "$tree" ] || { tree=$work/tree; dotnet run -c Release --project "$root/bench/Parceler.Bench" -- tree "$tree"; }
tree=$(realpath "$tree")

# --- what is asked for
files() { (cd "$tree" && find . -type f -size +"$1"c -size -"$2"c -name '*.ipk' -printf '%P\t%T@\n' | sed 's/\.[0-9]*$//') >"$work/$3"; }
files 900 1300 1kB; files 11500 12500 12kB; files 280000 330000 300kB; files 4000000 6500000 5MB; files 0 100000000 all
sed 's/\t/-not-there\t/' "$work/1kB" >"$work/404"
printf 'packages/x86_64/base/Packages.gz\t0\n' >"$work/index"
for i in $(seq 1000); do printf 'M%d:secret-%d' "$i" "$i" | base64; done >"$work/machines"
mkdir "$work/leased"
(cd "$tree" && { cut -f1 "$work/12kB"; cut -f1 "$work/index"; } | xargs cp -a --parents -t "$work/leased")

# --- the servers: each a variant with its process and its address
declare -A pid port
start_parceler() { # variant, program, port
  export STORAGE_PATH=$work/$1
  mkdir -p "$STORAGE_PATH"
  "$2" repository create bench --command "cp -a '$tree/.' source/bench/" --delay 0 --sync >/dev/null 2>&1
  "$2" repository create leased --command "cp -a '$work/leased/.' source/leased/" --delay 0 --gate off --sync >/dev/null 2>&1
  ASPNETCORE_URLS=http://127.0.0.1:$3 ENTERPRISE_ENDPOINT=http://127.0.0.1:18082/ taskset -c 0 "$2" serve >"$work/$1.log" 2>&1 &
  pid[$1]=$! port[$1]=$3; pids+=("$!")
  for repository in bench leased; do "$2" repository sync "$repository" --wait >>"$work/$1.log" 2>&1 || { cat "$work/$1.log" >&2; exit 1; }; done
}

mkdir -p "$work/nginx/cache"
echo 'M1:{PLAIN}secret' >"$work/nginx/users"
cat >"$work/nginx/nginx.conf" <<C
worker_processes 1; pid $work/nginx/pid; error_log $work/nginx/error.log; worker_cpu_affinity 01;
events { worker_connections 1024; }
http {
  access_log off; sendfile on; keepalive_requests 1000000; open_file_cache max=20000 inactive=60s; default_type application/octet-stream;
  client_body_temp_path $work/nginx/a; proxy_temp_path $work/nginx/b; fastcgi_temp_path $work/nginx/c; uwsgi_temp_path $work/nginx/d; scgi_temp_path $work/nginx/e;
  proxy_cache_path $work/nginx/cache keys_zone=auth:10m;
  server { listen 127.0.0.1:18082; if (\$http_authorization = "") { return 401; } return 200; }
  server { listen 127.0.0.1:18081;
    location / { root $tree; }
    location /basic/ { alias $tree/; auth_basic Parceler; auth_basic_user_file $work/nginx/users; }
    location /repository/enterprise/bench/ { alias $tree/; auth_request /auth; }
    location = /auth { internal; proxy_pass http://127.0.0.1:18082; proxy_pass_request_body off; proxy_set_header Content-Length ""; proxy_cache auth; proxy_cache_key \$http_authorization; proxy_cache_valid 200 401 1h; }
  }
}
C
nginx -p "$work/nginx" -c "$work/nginx/nginx.conf" -g 'daemon off;' & pids+=("$!"); sleep 1
pid[nginx]=$(pgrep -P "${pids[-1]}" | head -1) port[nginx]=18081
pid[auth_request]=${pid[nginx]} port[auth_request]=18081

printf '{\n admin off\n auto_https off\n}\nhttp://127.0.0.1:18083 {\n root * %s\n file_server\n}\n' "$tree" >"$work/Caddyfile"
XDG_DATA_HOME=$work XDG_CONFIG_HOME=$work taskset -c 0 caddy run --config "$work/Caddyfile" >"$work/caddy.log" 2>&1 &
pid[caddy]=$! port[caddy]=18083; pids+=("$!")

start_parceler parceler "$parceler" 18080
[ -z "$before" ] || start_parceler before "$before" 18084

load() { # variant, seconds, arguments of machines.lua
  taskset -c 1 wrk -t1 -c16 -d"$2s" -s "$root/bench/load/machines.lua" "http://127.0.0.1:${port[$1]}" -- "${@:3}"
}
request_of() { # case, variant -> arguments of machines.lua, expected status
  local list=$1 prefix=/ machines=$work/machines flags='' status=200
  case $2 in parceler | before | auth_request) prefix=/repository/enterprise/bench/ ;; esac
  case $1 in
    12kB-leased) list=12kB prefix=/repository/enterprise/leased/ ;;
    304) list=1kB flags=dated status=304 ;;
    401) list=1kB machines=- status=401; [ "$2" != nginx ] || prefix=/basic/ ;;
    404) status=404 ;;
    new-connection) list=1kB flags=close ;;
  esac
  echo "$prefix $work/$list $machines $flags|$status"
}
takes_part() { case $1:$2 in 12kB-leased:parceler | 12kB-leased:before) ;; 12kB-leased:* | 401:caddy) return 1 ;; esac; }

variants=(parceler ${before:+before} nginx auth_request caddy)
ticks() { awk '{print $14+$15}' "/proc/$1/stat"; }
hz=$(getconf CLK_TCK)
measure() { # case, variant -> case variant microseconds-per-request requests-per-second bytes-per-second
  local request status at after out
  IFS='|' read -r request status < <(request_of "$1" "$2")
  at=$(ticks "${pid[$2]}")
  # shellcheck disable=SC2086 # the arguments are words
  out=$(load "$2" "$seconds" $request)
  after=$(ticks "${pid[$2]}")
  awk -v name="$1 $2" -v t=$((after - at)) -v hz="$hz" -v status="$status" '
    function bytes(x) { return x * (x ~ /GB/ ? 1073741824 : x ~ /MB/ ? 1048576 : x ~ /KB/ ? 1024 : 1) }
    /requests in/ { n = $1 } /Requests\/sec/ { rate = $2 } /Transfer\/sec/ { speed = bytes($2) } /Non-2xx/ { refused = $NF } /Socket errors/ { print name ": " $0 >"/dev/stderr" }
    END {
      if (n == 0 || refused != (status < 400 ? 0 : n)) { print name ": " n " answers, " refused " refused, expected " status >"/dev/stderr"; exit 1 }
      print name, t / hz / n * 1e6, rate, speed
    }' <<<"$out"
}

# Each machine is let in once, everything is read once; then every server in turn.
for variant in "${variants[@]}"; do
  load "$variant" 2 "$(request_of all "$variant" | cut -d' ' -f1)" "$work/1kB" "$work/machines" each >/dev/null
  for case in $cases; do
    # shellcheck disable=SC2046
    ! takes_part "$case" "$variant" || load "$variant" 1 $(request_of "$case" "$variant" | cut -d'|' -f1) >/dev/null
  done
done
for round in $(seq "$rounds"); do
  for case in $cases; do
    for variant in "${variants[@]}"; do
      takes_part "$case" "$variant" || continue
      [ "$case" != 12kB-leased ] || load "$variant" 1 /repository/enterprise/leased/ "$work/index" "$work/machines" each >/dev/null
      echo "$round $(measure "$case" "$variant")"
    done
  done
done >"$work/measured"

# --- medians; a ratio is the median of the ratios of each round
awk -v order="$cases" -v names="${variants[*]}" '
  function median(list,  v, n, i, j, t) {
    n = split(list, v, " ")
    for (i = 1; i <= n; i++) for (j = i + 1; j <= n; j++) if (v[j] + 0 < v[i] + 0) { t = v[i]; v[i] = v[j]; v[j] = t }
    return n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
  }
  function ratio(a, b, what,  r, list) { for (r = 1; r <= rounds; r++) if ((r, a) in what && (r, b) in what) list = list " " what[r, a] / what[r, b]; return list == "" ? "-" : sprintf("%.2f", median(list)) }
  function all(a, what,  r, list) { for (r = 1; r <= rounds; r++) if ((r, a) in what) list = list " " what[r, a]; return list == "" ? "-" : sprintf("%.1f", median(list)) }
  { rounds = $1; cpu[$1, $2 " " $3] = $4; rate[$1, $2 " " $3] = $5; speed[$1, $2 " " $3] = $6 / 1e6 }
  END {
    c = split(order, case_, " "); v = split(names, variant, " ")
    printf "%d rounds. Microseconds of server CPU per request; behind it that of the others divided by that of Parceler.\n| case | parceler |", rounds
    for (i = 2; i <= v; i++) printf " %s | ratio |", variant[i]
    print " MB/s | throughput, of nginx |"
    printf "|---|---|"; for (i = 2; i <= v; i++) printf "---|---|"; print "---|---|"
    for (k = 1; k <= c; k++) {
      x = case_[k]; printf "| %s | %s |", x, all(x " parceler", cpu)
      for (i = 2; i <= v; i++) printf " %s | %s |", all(x " " variant[i], cpu), ratio(x " " variant[i], x " parceler", cpu)
      printf " %s | %s |\n", all(x " parceler", speed), ratio(x " parceler", x " nginx", rate)
    }
    print "404 / 1 kB hit: " ratio("404 parceler", "1kB parceler", cpu) "; 12 kB with a live lease for each machine / without: " ratio("12kB-leased parceler", "12kB parceler", cpu)
  }' "$work/measured"
for variant in parceler ${before:+before}; do
  echo "resident memory of $variant: $(awk '/VmRSS/{print $2/1024" MB"}' "/proc/${pid[$variant]}/status")"
done
