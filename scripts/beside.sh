# What is run beside what waits, and takes what that leaves of the processor: sourced.
#   beside LOG COMMAND…   begins it
#   rejoin                waits for its end, and says what it said

beside() { # its own session: Linux shares the processor out between sessions first, and then within each
  left=$1
  shift
  setsid bash -c '{ echo 5 >/proc/self/autogroup; } 2>/dev/null; exec nice -n 5 "$@"' beside "$@" </dev/null >"$left" 2>&1 &
  other=$!
  trap 'kill -TERM -- "-$other"; exit 130' INT TERM
}

rejoin() {
  wait "$other"
  trap - INT TERM
  cat "$left"
}
