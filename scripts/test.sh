#!/usr/bin/env bash
# All tests, in the order in which two processors have the least to wait for: what is not ours is compiled while npm fetches; what reckons (most of the
# programme, and the unit tests of the pages) takes what sockets, cameras and browsers leave of the processor.
# What fails is run once more by itself at the end; what passes then is named in the last lines.
set -uo pipefail
cd "$(dirname "$0")/.."
run=$(mktemp -d)
trap 'rm -rf "$run"' EXIT
export LINLI_RUN=$run LINLI_AGAIN=$run/again
. scripts/beside.sh
now() { printf '[%d s] %s\n' "$SECONDS" "$*"; }
bad=0

scripts/need.sh test && scripts/real-clip.sh >/dev/null || exit 1
scripts/test-go.sh peers || exit 1
now "the program and its pages"
scripts/test-go.sh libraries &
${MAKE:-make} --no-print-directory build || exit 1
wait
now "Go tests are compiled"
scripts/test-go.sh compile || exit 1

reckoning() { # all of it, whatever fails
  scripts/test-go.sh reckoning
  (cd web && npm test --silent -- --testTimeout=30000) # it has little of the processor
  echo $? >"$LINLI_RUN/pages.bad"
}
export -f reckoning
beside "$run/beside.log" bash -c reckoning
now "Go tests of what waits; beside them, of what reckons"
scripts/test-go.sh waiting
now "browser stories"
scripts/test-browser.sh || bad=1
now "what ran beside them"
rejoin
[ "$(cat "$run/pages.bad")" = 0 ] || bad=1
scripts/test-go.sh again || bad=1
if [ -s "$run/again" ]; then
  echo
  echo "failed at first, and passed when run again by itself:"
  cat "$run/again"
fi
now "$([ "$bad" -eq 0 ] && echo "all passed" || echo "something failed: it is named above")"
exit "$bad"
