#!/usr/bin/env bash
# Fuzzes the readers of what comes from outside with afl++: fuzz/run.sh [READER...] [--minutes N]. Without names, all; each for 10 minutes.
# Two run at a time, with the lowest priority. What is found stands in artifacts/fuzz/READER/default/{crashes,hangs}; docs/decisions/0017-fuzzing.md says more.
set -euo pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

minutes=10 readers=()
while (($#)); do
  case $1 in
    --minutes) minutes=$2; shift 2 ;;
    *) readers+=("$1"); shift ;;
  esac
done

if ! command -v afl-fuzz >/dev/null; then
  echo "Installing the Debian package afl++"
  sudo=""; [ "$(id -u)" = 0 ] || sudo=sudo
  $sudo apt-get update -qq
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends afl++ >/dev/null
fi

out=$PWD/artifacts/fuzz bin=$PWD/artifacts/fuzz/bin-$$
plain=$bin/plain watched=$bin/watched
mkdir -p "$bin"
trap 'rm -rf "$bin"' EXIT
dotnet publish fuzz/Parceler.Fuzz -c Release -v quiet -o "$plain"
cp -r "$plain" "$watched"
dotnet "$plain/Parceler.Fuzz.dll" instrument "$watched"
((${#readers[@]})) || read -ra readers <<<"$(dotnet "$plain/Parceler.Fuzz.dll" list)"

# One thread, and code that is compiled once: what is measured is the reader.
export DOTNET_TieredPGO=0 DOTNET_gcConcurrent=0
# The harness measures processor time against one second. The clock on the wall ends what waits for ever; it is wider, since other programs run too.
export AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_NO_UI=1 AFL_SKIP_BIN_CHECK=1 AFL_NO_AFFINITY=1 AFL_FAST_CAL=1 AFL_FORKSRV_INIT_TMOUT=60000
timeout_ms=5000
longest_input=131072

fuzz() {
  local reader=$1 folder=$out/$1
  rm -rf "$folder"
  dotnet "$plain/Parceler.Fuzz.dll" seeds "$reader" "$folder/seeds" "$folder/words"
  nice -n 19 afl-fuzz -i "$folder/seeds" -o "$folder" -x "$folder/words" -t $timeout_ms -m none -G $longest_input -V $((minutes * 60)) \
    -- dotnet "$watched/Parceler.Fuzz.dll" afl "$reader" >"$folder/log" 2>&1 || echo "$reader: afl-fuzz failed, see $folder/log"
}

stat_of() { sed -n "s/^$2 *: *//p" "$out/$1/default/fuzzer_stats"; }

# What afl saved counts only if it fails once more on its own, with the libraries as they are.
report() {
  local reader=$1 found confirmed=0
  [ -f "$out/$reader/default/fuzzer_stats" ] || return 1
  mapfile -t found < <(find "$out/$reader/default/crashes" "$out/$reader/default/hangs" -name 'id*' | sort)
  : >"$out/$reader/faults"
  for file in "${found[@]}"; do
    timeout 20 dotnet "$plain/Parceler.Fuzz.dll" replay "$reader" "$file" >>"$out/$reader/faults" 2>&1 || confirmed=$((confirmed + 1))
  done
  printf '| %s | %s | %s | %s | %s | %s | %d |\n' "$reader" "$(($(stat_of "$reader" run_time) / 60))" "$(stat_of "$reader" execs_done)" "$(stat_of "$reader" corpus_count)" \
    "$(stat_of "$reader" saved_crashes)" "$(stat_of "$reader" saved_hangs)" "$confirmed"
  ((confirmed == 0))
}

for reader in "${readers[@]}"; do
  while (($(jobs -rp | wc -l) >= 2)); do wait -n; done
  fuzz "$reader" &
done
wait

failed=0
echo '| reader | minutes | executions | corpus | crashes saved | hangs saved | that fail again |'
echo '|---|---|---|---|---|---|---|'
for reader in "${readers[@]}"; do report "$reader" || failed=1; done
exit $failed
