#!/usr/bin/env bash
# Small .rpm packages for bench/load/mirror.sh, all out of one spec:   bench/load/rpms.sh FOLDER [2020]
# Needs rpm (rpmbuild).
set -euo pipefail
mkdir -p "$1"
folder=$(realpath "$1") count=${2:-2020}
top=$(mktemp -d "${TMPDIR:-/var/tmp}/parceler-rpms.XXXX")
trap 'rm -rf "$top"' EXIT
{
  printf 'Name: sample\nVersion: 1.0\nRelease: 1\nSummary: samples\nLicense: MIT\nBuildArch: noarch\n%%description\nsamples\n'
  # shellcheck disable=SC2016
  printf '%%install\nmkdir -p %%{buildroot}/usr/share\nfor i in $(seq %d); do head -c $((1000 + i)) /dev/urandom > %%{buildroot}/usr/share/sample$i; done\n' "$count"
  for i in $(seq "$count"); do
    printf '%%package -n sample%d\nSummary: sample number %d\n%%description -n sample%d\nsample number %d\n%%files -n sample%d\n/usr/share/sample%d\n' "$i" "$i" "$i" "$i" "$i" "$i"
  done
} >"$top/sample.spec"
rpmbuild -bb --quiet --define "_topdir $top" --define "_rpmdir $folder" --define '_rpmfilename %%{NAME}-%%{VERSION}.rpm' "$top/sample.spec" >/dev/null
echo "$(find "$folder" -name '*.rpm' | wc -l) packages in $folder"
