# shellcheck shell=bash disable=SC2154
# What the scripts beside this one share: the processes of one test server, each a part with a name, in the folder $data.
# A part is known by its pid and the moment it was started, so that no other process is ever hit.

die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

started() { [ -r "/proc/$1/stat" ] && sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | awk '$1 !~ /[ZX]/ { print $20 }'; }

pid_of() { # prints nothing, and fails, when the part does not run
  local pid since=''
  read -r pid since 2>/dev/null <"$data/run/$1" && [ -n "$since" ] && [ "$(started "$pid")" = "$since" ] && echo "$pid"
}

spawn() { # the part's name, then its command; a session of its own, which outlives this script and its terminal
  local part=$1; shift
  setsid "$@" </dev/null >>"$data/log/$part.out" 2>&1 9>&- &
  echo "$! $(started $!)" >"$data/run/$part"
}

kill_part() { # and wait until it is gone: who starts the server again must not take it for one that runs
  local pid; pid=$(pid_of "$1") || die "$1 is not running"
  kill -KILL "$pid"
  while pid_of "$1" >/dev/null; do sleep 0.02; done
}

end_parts() { # all in this order, each with 5 s for an orderly end
  local part pid tries
  for part; do
    for tries in {1..50}; do
      pid=$(pid_of "$part") || break
      [ "$tries" != 1 ] || kill -TERM "$pid"
      [ "$tries" != 50 ] || kill -KILL "$pid"
      sleep 0.1
    done
  done
}

# Ends the server when our standard input does, at once, and removes its folder: whoever started us holds the other end, and the
# kernel closes that also for one who is killed.
end_with_input() {
  exec 7<&0
  spawn watch bash -c '. "$0"; data=$1; trap "" INT HUP; cat <&7 >/dev/null; end_all_at_once; rm -rf "$data"' "${BASH_SOURCE[0]}" "$data"
  exec 7<&-
}

end_all_at_once() {
  local file pid
  for file in "$data"/run/*; do
    while [ "${file##*/}" != watch ] && pid=$(pid_of "${file##*/}"); do kill -KILL "$pid"; sleep 0.02; done
  done
}

# No other program on it now; another one may of course take it in the next moment.
is_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
