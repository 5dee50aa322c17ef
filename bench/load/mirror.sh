#!/usr/bin/env bash
# Time and memory of mirrors without a command, beside rclone and aptly on the same upstream over loopback, in one run.
#   bench/load/mirror.sh TREE NEXT_DAY [SMALL_TREE]     (PARCELER names the program; default: artifacts/native/parceler)
# TREE and NEXT_DAY as made by: dotnet run -c Release --project bench/Parceler.Bench -- tree FOLDER [--day 1]
# SMALL_TREE, for the memory of many files: ... -- tree FOLDER --files 100000 --small
# DEBS names a folder of 2,020 packages (... -- debs FOLDER 2020); without it aptly is passed over. Needs nginx, rclone, time; aptly, apt-utils, gnupg, xz.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
parceler=${PARCELER:-$root/artifacts/native/parceler}
tree=$(realpath "$1") next=$(realpath "$2") small=${3:+$(realpath "$3")} rounds=${ROUNDS:-3}
work=$(mktemp -d "${TMPDIR:-/var/tmp}/parceler-bench.XXXX")
up=$work/up port=18191 server=""
end() { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; server=""; }
trap 'end; kill "$nginx" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
now() { date +%s.%N; }
seconds() { awk -v a="$1" -v b="$2" 'BEGIN{printf "%.3f\n", b - a}'; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN{printf "%.2f", a / b}'; }
median() { sort -n | awk '{v[NR] = $1} END{print v[int((NR + 1) / 2)]}'; }
timed() { local began; began=$(now); "$@" >/dev/null 2>>"$work/errors"; seconds "$began" "$(now)"; }

mkdir -p "$up" "$work/nginx"
cat >"$work/nginx.conf" <<N
daemon off; user $(id -un); pid $work/nginx/pid; worker_processes 1; error_log $work/nginx/error.log;
events { worker_connections 512; }
http { access_log off; sendfile on; keepalive_requests 1000000; client_body_temp_path $work/nginx/b; proxy_temp_path $work/nginx/p; fastcgi_temp_path $work/nginx/f;
  uwsgi_temp_path $work/nginx/u; scgi_temp_path $work/nginx/s; server { listen 127.0.0.1:$port; root $up; autoindex on; } }
N
nginx -p "$work/nginx" -e "$work/nginx/error.log" -c "$work/nginx.conf" & nginx=$!
until curl -sf "http://127.0.0.1:$port/" >/dev/null; do sleep 0.05; done

# What no index names is no part of a mirror of a feed, so the peer does not get it either.
publish() { rm -rf "$up/feeds"; cp -al "$1" "$up/feeds"; find "$up/feeds" -type f ! -name '*.ipk' ! -name 'Packages*' -delete; find "$up/feeds" -type f -exec cat {} + >/dev/null; }
start() { # a service on a storage of its own
  export STORAGE_PATH=$work/storage ASPNETCORE_URLS=http://127.0.0.1:18192
  rm -rf "$STORAGE_PATH"
  "$parceler" serve >"$work/log" 2>&1 & server=$!
  for _ in $(seq 200); do curl -sf "$ASPNETCORE_URLS/up" >/dev/null && break; sleep 0.05; done
}
create() { "$parceler" repository create bench --upstream "$@" --delay 0 --no-sync >/dev/null; }
sync_ours() { "$parceler" repository sync bench --wait; }
job() { sqlite3 "$STORAGE_PATH/database.sqlite" "select round((finished_at - started_at) / 1000.0, 3) from jobs where kind = 'repository.sync' order by id desc limit 1"; }
sync_rclone() { rclone sync --config /dev/null --http-url "http://127.0.0.1:$port/feeds/" --transfers 8 --checkers 16 :http: "$work/rclone"; }
peak() { awk '/VmHWM/{print $2}' "/proc/$server/status"; }

for round in $(seq "$rounds"); do
  for day in first next unchanged; do
    case $day in first) rm -rf "$work/rclone"; publish "$tree"; start; create opkg "http://127.0.0.1:$port/feeds" ;; next) publish "$next" ;; esac
    sync; timed sync_rclone >>"$work/rclone.$day"
    sync; timed sync_ours >>"$work/ours.$day"; job >>"$work/job.$day"
  done
  end
done
files=$(find "$up/feeds" -type f | wc -l)
echo "files                      $files"
for day in first next unchanged; do
  o=$(median <"$work/ours.$day") r=$(median <"$work/rclone.$day") j=$(median <"$work/job.$day")
  printf '%-26s %s s (the job itself %s s); rclone, which verifies nothing: %s s; ratio %s (job: %s)\n' "$day" "$o" "$j" "$r" "$(ratio "$o" "$r")" "$(ratio "$j" "$r")"
done

if [ -n "$small" ]; then
  publish "$small"; rm -rf "$work/rclone"; start; create opkg "http://127.0.0.1:$port/feeds"
  idle=$(peak); sync_ours >/dev/null 2>&1; ours=$(peak); end
  /usr/bin/time -f %M -o "$work/memory" rclone sync --config /dev/null --http-url "http://127.0.0.1:$port/feeds/" --transfers 8 --checkers 16 :http: "$work/rclone"
  theirs=$(cat "$work/memory")
  echo "memory, $(find "$up/feeds" -type f | wc -l) files    the whole service $ours kB (before: $idle kB); rclone: $theirs kB; ratio $(ratio "$ours" "$theirs")"
fi

if [ -n "${DEBS:-}" ]; then
  index() { # of the pool; Release is not signed
    (cd "$up/debian" && mkdir -p dists/stable/main/binary-amd64 && apt-ftparchive packages pool >dists/stable/main/binary-amd64/Packages && gzip -kf dists/stable/main/binary-amd64/Packages && xz -kf dists/stable/main/binary-amd64/Packages
      rm -f dists/stable/Release; apt-ftparchive -o APT::FTPArchive::Release::Suite=stable -o APT::FTPArchive::Release::Codename=stable -o APT::FTPArchive::Release::Components=main -o APT::FTPArchive::Release::Architectures=amd64 release dists/stable >"$work/Release"; mv "$work/Release" dists/stable/Release)
  }
  aptly() { command aptly -config="$work/aptly.conf" "$@"; }
  update_aptly() { aptly mirror update -ignore-signatures bench; }
  echo '{"rootDir": "'"$work/aptly"'", "downloadConcurrency": 8, "gpgDisableVerify": true, "gpgDisableSign": true}' >"$work/aptly.conf"
  for round in $(seq "$rounds"); do
    rm -rf "$up/debian" "$work/aptly"; mkdir -p "$up/debian/pool"
    for day in first next unchanged; do
      case $day in
        first) find "$DEBS" -name '*.deb' | sort | head -2000 | xargs cp -lt "$up/debian/pool"; index; start; create apt "http://127.0.0.1:$port/debian" --suite stable --component main --arch amd64
          aptly mirror create -ignore-signatures -architectures=amd64 bench "http://127.0.0.1:$port/debian" stable main >/dev/null ;;
        next) find "$DEBS" -name '*.deb' | sort | tail -20 | xargs cp -lt "$up/debian/pool"; index ;;
      esac
      sync; timed update_aptly >>"$work/aptly.$day"
      sync; timed sync_ours >>"$work/apt.$day"; job >>"$work/aptjob.$day"
    done
    end
  done
  for day in first next unchanged; do
    o=$(median <"$work/apt.$day") r=$(median <"$work/aptly.$day") j=$(median <"$work/aptjob.$day")
    printf '%-26s %s s (the job itself %s s); aptly mirror update: %s s; ratio %s (job: %s)\n' "2,000 debs, $day" "$o" "$j" "$r" "$(ratio "$o" "$r")" "$(ratio "$j" "$r")"
  done
fi
