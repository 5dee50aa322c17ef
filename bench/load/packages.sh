#!/usr/bin/env bash
# Time and memory of reading and writing an index of apt again, beside grep-dctrl, in one run. Needs the Debian packages dctrl-tools and time.
#   bench/load/packages.sh [PACKAGES]     (default: 60,000 stanzas that it makes up)
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d "${TMPDIR:-/var/tmp}/parceler-bench.XXXX")
trap 'rm -rf "$work"' EXIT
packages=${1:-$work/Packages}
[ -e "$packages" ] || awk 'BEGIN{for (i = 0; i < 60000; i++) printf "Package: package-%d\nVersion: %d.%d-1\nInstalled-Size: %d\nMaintainer: Debian Maintainers <maintainers@lists.example.org>\nArchitecture: amd64\nDepends: libc6 (>= 2.34), libgcc-s1 (>= 3.3.1), libstdc++6 (>= 11), package-%d (= 2.0), package-%d | package-%d\nDescription: package number %d of a large index\nHomepage: https://www.example.org/packages/%d\nDescription-md5: %032d\nTag: implemented-in::c, interface::commandline, role::program,\n scope::utility, works-with::file\nSection: utils\nPriority: optional\nFilename: pool/main/p/package-%d/package-%d_%d.%d-1_amd64.deb\nSize: %d\nMD5sum: %032d\nSHA256: %064d\n\n", i, i % 9, i % 17, i, i / 2, i / 3, i / 5, i, i, i, i, i, i % 9, i % 17, i * 31, i, i}' >"$packages"
dotnet publish "$root/bench/CopyPackages" -c Release -r linux-x64 -v quiet -o "$work/native" >/dev/null

best() { # the best of seven runs: seconds and kilobytes
  for _ in 1 2 3 4 5 6 7; do /usr/bin/time -f '%e %M' -o "$work/time" "$@" >"$work/other"; cat "$work/time"; done | sort -n | head -1
}
read -r ours memory < <(best "$work/native/CopyPackages" "$packages" "$work/ours")
read -r theirs other < <(best grep-dctrl -F Package -e . "$packages")
cmp "$work/ours" "$packages"
cat <<R
stanzas                    $(grep -c '^Package:' "$packages"), $(stat -c %s "$packages") bytes
read and written again     $ours s, $memory kB; grep-dctrl: $theirs s, $other kB; ratio $(awk -v a="$ours" -v b="$theirs" 'BEGIN{printf "%.2f", a / b}')
R
