#!/usr/bin/env bash
# A real S3 server for the tests, on 127.0.0.1: Ceph's gateway (rgw) over one monitor (mon) and one disk (osd).
#
#   s3.sh start --data DIR --port N [--bucket B]... [--suite S] [--with-input]   prints KEY=value lines once it answers
#   s3.sh stop  --data DIR
#   s3.sh kill  --data DIR rgw|osd|mon      SIGKILL; "start" brings back what is missing, and keeps the data
#
# Nothing is installed and no root is needed: Debian's packages are unpacked into a cache folder and run from there with their
# own C library. The newest Ceph comes first, since only it keeps checksums and honours all conditions; --suite takes another.
# With --with-input the server ends when standard input does, and its folder is removed.
set -euo pipefail
umask 077
# shellcheck source=parts.sh
. "$(dirname "$0")/parts.sh"

suites="forky trixie bookworm" data='' port='' part='' buckets=() with_input=''
command=${1:-}; shift || true
while (($#)); do
  case $1 in
    --data) data=$2; shift ;;
    --port) port=$2; shift ;;
    --suite) suites=$2; shift ;;
    --bucket) buckets+=("$2"); shift ;;
    --with-input) with_input=1 ;;
    rgw | osd | mon) part=$1 ;;
    *) die "what is '$1'?" ;;
  esac
  shift
done
[ -n "$data" ] || { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2; }
mkdir -p "$data"/{run,log,mon,osd}
data=$(readlink -f "$data")
cache=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/parceler-s3
triplet=$(uname -m)-linux-gnu

# --- the programs

# What the dependencies bring along and none of these programs loads: the tools of an ordinary system, and Python.
unneeded='systemd|udev|sudo|binutils|libbinutils|libgprofng|libctf|libsframe|xfsprogs|passwd|login|lvm2|dmsetup|dmeventd|cryptsetup|e2fsprogs|smartmontools|nvme-cli|gdisk|hdparm|parted|perl|libperl|debconf|python3|libpython3|tzdata|coreutils|bash|dash|dpkg|tar|util-linux|cron|openssl$'

# The machine's own mirror with another suite; lists and status of our own, so that nothing depends on what is installed.
fetch() {
  local suite=$1 work=$2 mirror
  # shellcheck disable=SC2016
  mirror=$(apt-get indextargets --no-release-info --format '$(REPO_URI) $(RELEASE)' 'Identifier: Packages' |
    awk -v release="$(. /etc/os-release && echo "$VERSION_CODENAME")" '$2 == release && $1 ~ /debian\/?$/ { print $1; exit }')
  [ -n "$mirror" ] || die "the sources of apt name no mirror of Debian"
  mkdir -p "$work"/{state,cache/archives,lists,debs}/partial
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >"$work/sources.list"
  cat >"$work/apt.conf" <<END
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear APT::Default-Release;
Dir::Etc::sourcelist "$work/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State "$work/state";
Dir::State::lists "$work/lists";
Dir::State::status "/dev/null";
Dir::Cache "$work/cache";
APT::Sandbox::User "$(id -un)";
APT::Install-Recommends "0";
Acquire::Languages "none";
Acquire::Retries "2";
END
  apt-get -c "$work/apt.conf" -qq update
  apt-get -c "$work/apt.conf" -s install radosgw ceph-mon ceph-osd | awk '/^Inst/ { print $2 }' | grep -vE "^($unneeded)" >"$work/names"
  (cd "$work/debs" && xargs apt-get -c "$work/apt.conf" -qq download <"$work/names")
}

unpack() { # a suite, unless that was done before; whole or not at all
  local suite=$1 work="$cache/$1.new" deb
  [ ! -e "$cache/$suite/version" ] || return 0
  rm -rf "$work"
  echo "Fetching Ceph of Debian $suite" >&2
  fetch "$suite" "$work" >&2
  mkdir -p "$work"/tree/usr/{bin,sbin,lib,lib64}
  (cd "$work/tree" && ln -s usr/* .) # older suites have parts of the C library in /lib
  for deb in "$work"/debs/*.deb; do
    dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$work/tree" --no-same-owner --keep-directory-symlink --exclude='./usr/share' --exclude='./etc' --exclude='./var'
  done
  use "$work/tree"
  run radosgw --version | awk '{ print $3 }' >"$work/tree/version"
  mv "$work/tree" "$cache/$suite"
  rm -rf "$work"
}

use() {
  root=$1
  loader=$(echo "$root/usr/lib/$triplet"/ld-linux-*.so.*)
  libraries=$root/usr/lib/$triplet:$root/usr/lib/$triplet/ceph
}

run() { "$loader" --library-path "$libraries" "$root/usr/bin/$1" -c "$data/ceph.conf" "${@:2}"; }
serve() { spawn "$1" "$loader" --library-path "$libraries" "$root/usr/bin/$2" -c "$data/ceph.conf" "${@:3}" -f; }

# --- the server

configure() {
  cat >"$data/ceph.conf" <<END
[global]
fsid = $fsid
mon_host = v2:127.0.0.1:$mon_port/0
ms_bind_msgr1 = false
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
keyring = $data/keyring
run_dir = $data/run
crash_dir = $data/log
admin_socket =
pid_file =
log_file = $data/log/\$name.log
mon_cluster_log_to_file = false
plugin_dir = $root/usr/lib/$triplet/ceph
erasure_code_dir = $root/usr/lib/$triplet/ceph/erasure-code
osd_class_dir = $root/usr/lib/$triplet/rados-classes
# one disk, so one copy; and few placement groups, which are what takes time
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 1
osd_pool_default_pg_autoscale_mode = off
rgw_rados_pool_pg_num_min = 1
mon_allow_pool_size_one = true
osd_crush_chooseleaf_type = 0
# changes of the map at once, which otherwise wait for more of them
paxos_propose_interval = 0.05
paxos_min_wait = 0.01
# how long others wait for a gateway that was killed
osd_client_watch_timeout = 10
[mon.a]
mon_data = $data/mon
mon_data_avail_warn = 2
mon_data_avail_crit = 1
[osd.0]
osd_data = $data/osd
osd_objectstore = bluestore
bluestore_block_size = 10737418240
bluestore_cache_autotune = false
bluestore_cache_size = 67108864
osd_mclock_skip_benchmark = true
[client.rgw.a]
# without tcp_nodelay a small answer of the older ones takes 40 ms
rgw_frontends = beast endpoint=127.0.0.1:$port tcp_nodelay=1
rgw_thread_pool_size = 64
rgw_enable_apis = s3
# the space of what was deleted, after a minute instead of hours
rgw_gc_obj_min_wait = 60
rgw_gc_processor_period = 60
rgw_gc_processor_max_time = 60
END
}

# A disk that the monitor knows from the first: then the tool "ceph" is not needed, nor the Python that it is written in.
create() {
  local random
  random=$(od -An -N28 -tx1 /dev/urandom | tr -d ' \n')
  fsid=$(cat /proc/sys/kernel/random/uuid) access_key=TEST${random:0:16} secret_key=${random:16}
  for mon_port in $(shuf -i 20000-29999 -n 20); do ! is_free "$mon_port" || break; done
  configure
  run ceph-authtool --create-keyring "$data/keyring" --gen-key -n mon. --cap mon 'allow *'
  run ceph-authtool "$data/keyring" --gen-key -n client.admin --cap mon 'allow *' --cap osd 'allow *'
  run ceph-authtool "$data/keyring" --gen-key -n client.rgw.a --cap mon 'allow rw' --cap osd 'allow rwx'
  run ceph-authtool "$data/keyring" --gen-key -n osd.0 --cap mon 'allow profile osd' --cap osd 'allow *'
  run monmaptool --create --fsid "$fsid" --addv a "[v2:127.0.0.1:$mon_port/0]" "$data/monmap"
  run osdmaptool --createsimple 1 "$data/osdmap"
  run ceph-mon -i a --mkfs --monmap "$data/monmap" --osdmap "$data/osdmap" --keyring "$data/keyring"
  run ceph-osd -i 0 --mkfs --osd-uuid "$(cat /proc/sys/kernel/random/uuid)" --no-mon-config
  start_disk
  run radosgw-admin user create --uid=tests --display-name=tests --access-key="$access_key" --secret="$secret_key"
  printf '%s\n' "suite=$suite fsid=$fsid mon_port=$mon_port access_key=$access_key secret_key=$secret_key" >"$data/cluster"
}

start_disk() { # and the monitor; a client that comes before the disk would wait for seconds more
  pid_of mon >/dev/null || serve mon ceph-mon -i a
  pid_of osd >/dev/null || { : >"$data/log/osd.0.log"; serve osd ceph-osd -i 0; }
  for _ in {1..3000}; do # a slow machine may take minutes
    ! grep -aqs 'booting -> active' "$data/log/osd.0.log" || return 0
    if ! pid_of osd || ! pid_of mon; then break; fi >/dev/null
    sleep 0.1
  done
  die "the disk did not start: see $data/log"
}

ask() { # signed; prints the status
  curl -sS -o "$data/answer" -w '%{http_code}' --aws-sigv4 aws:amz:us-east-1:s3 -H "x-amz-content-sha256: $(sha256sum </dev/null | cut -d" " -f1)" -K "$data/user" "$@"
}

start_gateway() { # and wait until it answers a signed request
  pid_of rgw >/dev/null || serve rgw radosgw -n client.rgw.a
  echo "user = $access_key:$secret_key" >"$data/user"
  for _ in {1..3000}; do
    [ "$(ask "http://127.0.0.1:$port/" 2>/dev/null)" != 200 ] || return 0
    if ! pid_of rgw || ! pid_of osd; then break; fi >/dev/null
    sleep 0.1
  done
  die "the gateway did not start: see $data/log"
}

start() {
  local bucket suite
  [ -n "$port" ] || die "--port is missing"
  exec 9>"$data/run/lock"; flock 9
  trap 'stop; tail -qn 3 "$data"/log/*.log >&2; echo "s3.sh: it did not start; see $data/log" >&2' EXIT
  if [ -e "$data/cluster" ]; then
    # shellcheck source=/dev/null
    . "$data/cluster"
    use "$cache/$suite"
    configure
    start_disk
  else
    choose
    create >"$data/log/create.log" 2>&1
  fi
  start_gateway
  trap - EXIT
  for bucket in "${buckets[@]}"; do
    [ "$(ask -X PUT "http://127.0.0.1:$port/$bucket")" = 200 ] || die "no bucket $bucket: $(cat "$data/answer")"
  done
  [ -z "$with_input" ] || end_with_input
  printf '%s\n' "S3_ENDPOINT=http://127.0.0.1:$port" "S3_ACCESS_KEY=$access_key" "S3_SECRET_KEY=$secret_key" S3_REGION=us-east-1 "S3_VERSION=$(cat "$root/version")"
}

choose() { # the first suite that can be had and runs here
  mkdir -p "$cache"
  exec 8>"$cache/lock"; flock 8
  for suite in $suites; do
    "$0" unpack --data "$data" --suite "$suite" || continue # a process of its own, since no function stops at its faults here
    use "$cache/$suite"
    exec 8>&-
    return 0
  done
  die "none of these suites can be had: $suites"
}

stop() { end_parts rgw osd mon; }

case $command in
  start) start ;;
  stop) stop ;;
  unpack) unpack "$suites" ;;
  kill) kill_part "${part:?which part: rgw, osd or mon}" ;;
  *) die "start, stop or kill?" ;;
esac
