#!/usr/bin/env bash
# Time and memory of mirrors without a command, beside other programs that mirror, on the same upstream over loopback, in one run.
#   bench/load/mirror.sh TREE NEXT_DAY [SMALL_TREE]     (PARCELER names the program; default: artifacts/native/parceler)
# TREE and NEXT_DAY as made by: dotnet run -c Release --project bench/Parceler.Bench -- tree FOLDER [--day 1]
# SMALL_TREE, for the memory of many files: ... -- tree FOLDER --files 100000 --small
# DEBS names a folder of 2,020 packages (... -- debs FOLDER 2020), RPMS one of 2,020 .rpm (bench/load/rpms.sh FOLDER); without them these are passed over.
# Needs nginx, curl, sqlite3; apt-utils and xz for DEBS, createrepo_c for RPMS. Peers, of those that are installed: rclone and wget for
# TREE; aptly, debmirror and apt-mirror for DEBS; reposync of dnf-plugins-core for RPMS. PEERS names some of them only, ROUNDS how often (3).
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
parceler=${PARCELER:-$root/artifacts/native/parceler}
tree=$(realpath "$1") next=$(realpath "$2") small=${3:+$(realpath "$3")} rounds=${ROUNDS:-3}
work=$(mktemp -d "${TMPDIR:-/var/tmp}/parceler-bench.XXXX")
up=$work/up times=$work/times port=18191 server=""
upstream=http://127.0.0.1:$port
end() { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; server=""; }
trap 'end; kill "$nginx" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
trap 'tail -20 "$work/errors" >&2 || true' ERR
now() { date +%s.%N; }
seconds() { awk -v a="$1" -v b="$2" 'BEGIN{printf "%.3f\n", b - a}'; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN{printf "%.2f", a / b}'; }
median() { sort -n "$1" | awk '{v[NR] = $1} END{print v[int((NR + 1) / 2)]}'; }
count() { find "$@" | wc -l; }

mkdir -p "$up" "$times" "$work/nginx"
cat >"$work/nginx.conf" <<N
daemon off; user $(id -un); pid $work/nginx/pid; worker_processes 1; error_log $work/nginx/error.log;
events { worker_connections 512; }
http { access_log off; sendfile on; keepalive_requests 1000000; client_body_temp_path $work/nginx/b; proxy_temp_path $work/nginx/p; fastcgi_temp_path $work/nginx/f;
  uwsgi_temp_path $work/nginx/u; scgi_temp_path $work/nginx/s; server { listen 127.0.0.1:$port; root $up; autoindex on; } }
N
nginx -p "$work/nginx" -e "$work/nginx/error.log" -c "$work/nginx.conf" & nginx=$!
until curl -sf "$upstream/" >/dev/null; do sleep 0.05; done

# What is published is in the page cache.
warm() { find "$1" -type f -exec cat {} + >/dev/null; }

# What no index names is no part of a mirror of a feed, so the peers do not get it either.
publish_feeds() { rm -rf "$up/feeds"; cp -al "$1" "$up/feeds"; find "$up/feeds" -type f ! -name '*.ipk' ! -name 'Packages*' -delete; warm "$up/feeds"; }
feeds_first() { publish_feeds "$tree"; start opkg "$upstream/feeds"; }
feeds_next() { publish_feeds "$next"; }

index_debs() { # Release is not signed
  (cd "$up/debs" && mkdir -p dists/stable/main/binary-amd64 && apt-ftparchive packages pool >dists/stable/main/binary-amd64/Packages
    gzip -kf dists/stable/main/binary-amd64/Packages; xz -kf dists/stable/main/binary-amd64/Packages; rm -f dists/stable/Release
    apt-ftparchive -o APT::FTPArchive::Release::Suite=stable -o APT::FTPArchive::Release::Codename=stable -o APT::FTPArchive::Release::Components=main \
      -o APT::FTPArchive::Release::Architectures=amd64 release dists/stable >"$work/Release"; mv "$work/Release" dists/stable/Release)
  warm "$up/debs"
}
debs_first() {
  rm -rf "$up/debs"; mkdir -p "$up/debs/pool"
  packages "$DEBS" deb | head -2000 | xargs cp -lt "$up/debs/pool"; index_debs
  start apt "$upstream/debs" --suite stable --component main --arch amd64
}
debs_next() { packages "$DEBS" deb | tail -20 | xargs cp -lt "$up/debs/pool"; index_debs; }

index_rpms() { createrepo_c --quiet --no-database --update "$up/rpms"; warm "$up/rpms"; }
rpms_first() { rm -rf "$up/rpms"; mkdir -p "$up/rpms"; packages "$RPMS" rpm | head -2000 | xargs cp -lt "$up/rpms"; index_rpms; start rpm "$upstream/rpms"; }
rpms_next() { packages "$RPMS" rpm | tail -20 | xargs cp -lt "$up/rpms"; index_rpms; }
packages() { find "$1" -name "*.$2" >"$work/packages"; sort "$work/packages"; }

start() { # a service on a storage of its own, and a repository of that upstream
  export STORAGE_PATH=$work/storage ASPNETCORE_URLS=http://127.0.0.1:18192
  end; rm -rf "$STORAGE_PATH"
  "$parceler" serve >"$work/log" 2>&1 & server=$!
  for _ in $(seq 200); do curl -sf "$ASPNETCORE_URLS/up" >/dev/null && break; sleep 0.05; done
  "$parceler" repository create bench --upstream "$@" --delay 0 --no-sync >/dev/null
}
job() { sqlite3 "$STORAGE_PATH/database.sqlite" "select round((finished_at - started_at) / 1000.0, 3) from jobs where kind = 'repository.sync' order by id desc limit 1"; }
peak() { awk '/VmHWM/{print $2}' "/proc/$server/status"; }

# Each program takes what is published to a folder of its own, here $work/NAME.
take_parceler() { "$parceler" repository sync bench --wait; }
take_rclone() { rclone sync --config /dev/null --http-url "$upstream/feeds/" --transfers 8 --checkers 16 :http: "$work/rclone"; }
take_wget() { wget -q -m -np -nH -R 'index.html*' -P "$work/wget" "$upstream/feeds/"; }
take_aptly() {
  echo '{"rootDir": "'"$work/aptly"'", "downloadConcurrency": 8, "gpgDisableVerify": true, "gpgDisableSign": true}' >"$work/aptly.conf"
  [ -d "$work/aptly" ] || aptly -config="$work/aptly.conf" mirror create -ignore-signatures -architectures=amd64 bench "$upstream/debs" stable main
  aptly -config="$work/aptly.conf" mirror update -ignore-signatures bench
}
take_debmirror() {
  debmirror --method=http --host="127.0.0.1:$port" --root=debs --dist=stable --section=main --arch=amd64 --nosource --no-check-gpg --ignore-release-gpg \
    --diff=none --rsync-extra=none --omit-suite-symlinks "$work/debmirror"
}
take_apt-mirror() { # it knows no ports: nginx stands as its proxy
  mkdir -p "$work/apt-mirror"/{mirror,skel,var}
  printf 'set base_path %s\nset nthreads 8\nset run_postmirror 0\nset _tilde 0\nset use_proxy on\nset http_proxy 127.0.0.1:%s\ndeb [arch=amd64] http://upstream.invalid/debs stable main\n' \
    "$work/apt-mirror" "$port" >"$work/apt-mirror.list"
  apt-mirror "$work/apt-mirror.list"
}
take_reposync() {
  printf '[main]\nreposdir=/nowhere\ncachedir=%s/dnf/cache\nlogdir=%s/dnf\nmax_parallel_downloads=8\n[rpms]\nname=rpms\nbaseurl=%s/rpms\ngpgcheck=0\n' "$work" "$work" "$upstream" >"$work/dnf.conf"
  dnf --config "$work/dnf.conf" --refresh reposync --repoid rpms --delete --download-metadata --download-path "$work/reposync"
}
program_of() { case $1 in reposync) echo dnf ;; *) echo "$1" ;; esac; }
is_there() {
  [[ " ${PEERS:-$1} " == *" $1 "* ]] && command -v "$(program_of "$1")" >/dev/null && { [ "$1" != reposync ] || dnf reposync --help >/dev/null 2>&1; }
}

# A program that did not bring all packages has no time.
measure() {
  local who=$1 what=$2 day=$3 began
  sync
  began=$(now)
  "take_$who" >>"$work/errors" 2>&1
  seconds "$began" "$(now)" >>"$times/$what.$day.$who"
  if [ "$who" = parceler ]; then
    job >>"$times/$what.$day.job"
  else
    local there; there=$(count "$up/$what" -name "*.$4")
    [ "$(count "$work/$who" -name "*.$4" -size +0)" -ge "$there" ] || { tail -20 "$work/errors" >&2; echo "$who did not bring all $there packages" >&2; exit 1; } # some keep what is gone
  fi
}

compare() { # WHAT ENDING PEER...
  local what=$1 ending=$2 peers=() peer day; shift 2
  for peer in "$@"; do if is_there "$peer"; then peers+=("$peer"); else echo "$peer is passed over" >&2; fi; done
  for _ in $(seq "$rounds"); do
    for peer in "${peers[@]}"; do rm -rf "${work:?}/$peer"; done
    rm -rf "$work/dnf"
    for day in first next unchanged; do
      [ "$day" = unchanged ] || "${what}_$day"
      for peer in "${peers[@]}" parceler; do measure "$peer" "$what" "$day" "$ending"; done
    done
    end
  done
  for day in first next unchanged; do
    for peer in "${peers[@]}"; do row "$what" "$day" "$peer"; done
  done
}
row() {
  local ours job theirs
  ours=$(median "$times/$1.$2.parceler") job=$(median "$times/$1.$2.job") theirs=$(median "$times/$1.$2.$3")
  echo "| $1, $2 | $3 | $ours | $job | $theirs | $(ratio "$ours" "$theirs") | $(ratio "$job" "$theirs") |" >>"$work/table"
}

compare feeds ipk rclone wget
if [ -n "${DEBS:-}" ]; then compare debs deb aptly debmirror apt-mirror; fi
if [ -n "${RPMS:-}" ]; then compare rpms rpm reposync; fi
echo "medians of $rounds rounds, seconds; load $(cut -d' ' -f1-3 /proc/loadavg)"
echo
echo "| upstream, day | peer | parceler | its job alone | peer | ratio | ratio of the job |"
echo "|---|---|---|---|---|---|---|"
cat "$work/table"

if [ -n "$small" ]; then
  publish_feeds "$small"; rm -rf "$work/rclone"; start opkg "$upstream/feeds"
  idle=$(peak); take_parceler >/dev/null 2>&1; ours=$(peak); end
  /usr/bin/time -f %M -o "$work/memory" rclone sync --config /dev/null --http-url "$upstream/feeds/" --transfers 8 --checkers 16 :http: "$work/rclone"
  theirs=$(cat "$work/memory")
  echo
  echo "memory, $(count "$up/feeds" -type f) files: the whole service $ours kB (before: $idle kB); rclone: $theirs kB; ratio $(ratio "$ours" "$theirs")"
fi
