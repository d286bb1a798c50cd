#!/usr/bin/env bash
# The long loops of every package, with the race detector where it looks for something: where goroutines share memory. The loops of random power
# cuts, of a killed recorder and of a million rows look at bytes on a disk, and would take days under it: they run without, after the same tests in their short form with it.
# Then the browser stories ROUNDS times, none run again: a story that fails once in ten evenings has a fault.
#   ROUNDS=10 scripts/soak.sh [go test flags]
set -uo pipefail
export LINLI_REQUIRE_POSTGRES=1 CGO_ENABLED=1
race=(-race '-gcflags=modernc.org/sqlite/lib=-race=false')
plain='/media/(record|archive)(/|$)|/store$' # their loops are files and rows
packages=$(go list ./...) || exit 1
bad=0

# shellcheck disable=SC2086 # one word each
go test "${race[@]}" -count=1 -p 1 -timeout 2h "$@" $(grep -E "$plain" <<<"$packages") || bad=$((bad + 1))
# shellcheck disable=SC2086
LINLI_SOAK=1 go test -count=1 -p 1 -timeout 12h "$@" $(grep -E "$plain" <<<"$packages") || bad=$((bad + 1))
# shellcheck disable=SC2086
LINLI_SOAK=1 go test "${race[@]}" -count=1 -p 1 -timeout 12h "$@" $(grep -Ev "$plain" <<<"$packages") || bad=$((bad + 1))

for round in $(seq 1 "${ROUNDS:-10}"); do
  echo "browser stories, round $round"
  (cd web && npm run --silent e2e) || bad=$((bad + 1))
done
[ "$bad" -eq 0 ] || echo "$bad of the runs failed"
[ "$bad" -eq 0 ]
