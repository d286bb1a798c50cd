#!/usr/bin/env bash
# All Go tests, with the race detector but for the few long ones that one goroutine reckons ($reckoned): those run in full, and without.
# PostgreSQL must be there: a missing engine is a failure, not a skip.
# modernc.org/sqlite/lib is SQLite itself, translated from C: none of its memory is Go's, and watched for races it costs a third
# more. (It uses no generics. A package that does must be watched: the linker may take its copy of a generic function, one
# without marks, for all.)
# What measures itself against a clock (sockets, disks, cameras) comes second, by itself, three packages at a time: it waits more than it works.
# What failed of a package is run once more by itself (all of it where no test was named): tests with real sockets, disks and browsers need a moment of a machine
# that has just run everything else. What fails twice has failed; what failed once is named, test by test, in the last lines
# (and in the file $LINLI_AGAIN, whose lines `make test` ends with).
set -uo pipefail
export LINLI_REQUIRE_POSTGRES=1 CGO_ENABLED=1
log=$(mktemp) plain=$(mktemp)
trap 'rm -f "$log" "$plain"' EXIT

# A peer that is missing would make its tests skip in silence.
missing=()
for peer in ffmpeg ffprobe chromium gst-launch-1.0 soffice pdftotext; do
  command -v "$peer" >/dev/null || missing+=("$peer")
done
for part in GstRtspServer GstWebRTC; do
  /usr/bin/python3 -c "import gi; gi.require_version('$part', '1.0')" 2>/dev/null || missing+=("$part for Python")
done
if [ ${#missing[@]} -gt 0 ]; then
  printf 'missing, and tests against it would be left out: %s\n' "${missing[@]}"
  echo "scripts/need.sh test installs them"
  exit 1
fi
scripts/real-clip.sh >/dev/null || exit 1 # without real footage, only for a reason that somebody gives
[ "$(id -u)" = 0 ] || echo "note: not root, so nothing can be mounted: the tests of full, unmounted and failed disks are left out"

race=(-race '-gcflags=modernc.org/sqlite/lib=-race=false' '-ldflags=-s -w') # without tables for a debugger, which take a fifth of linking
# Whole cities, long lists and histories, from hardly more than one goroutine into one database: watched for races they would take four times as long and show nothing
# that the other tests of their packages do not.
reckoned='^(TestFiveHundredFaults|TestALongListTakesLittleMemory|TestTheLastTransactionIsShort|TestRefusedFiles|TestAProvinceIsManyCities|TestInspectionsInADatabase|TestAListIsKnownAtOnce|TestTheStoryGoesOn|TestThePublishedFigures|TestTheCityAddsUp|TestADatabaseSaysWhatMemorySays|TestLibreOfficeSaysWhatThePageSays|TestTheBulletinAsACommand|TestReportsAddUp|TestNoCountyIsGivenARowOfAnother|TestDrawings|TestNothingIsHalfDone|TestWhatIsExportedComesBack|TestTheSameSeedIsTheSameCity|TestEachNumberLeadsToItsRows)$'
packages=$(go list ./...) || exit 1
alone='/(protocol|media|camera|role|bench|demo/camsim|cmd)(/|$)|/demo$'
long='/(demo/city|people/sheet|cmd/linli|media/record|media/stream)$' # first, or one of them runs alone at the end
packages=$(grep -E "$long" <<<"$packages"; grep -Ev "$long" <<<"$packages")
sorts=$(grep -Ev "$alone" <<<"$packages")
real=$(grep -E "$alone" <<<"$packages")

# `make check` vets, once.
watched() { go test -vet=off "${race[@]}" -skip "$reckoned" "$@"; }
unwatched() { CGO_ENABLED=0 go test -vet=off -trimpath "$@"; } # as the program itself is built, so that little is left to compile

bad=0
# shellcheck disable=SC2086 # one word each
watched -p 2 -timeout 20m "$@" $sorts 2>&1 | tee "$log"
bad=$((bad + PIPESTATUS[0]))
unwatched -run "$reckoned" -p 2 -timeout 20m "$@" ./demo/city ./people/sheet ./people/place ./cmd/linli 2>&1 | tee "$plain"
bad=$((bad + PIPESTATUS[0]))
# shellcheck disable=SC2086
watched -p 3 -timeout 20m "$@" $real 2>&1 | tee -a "$log"
bad=$((bad + PIPESTATUS[0]))
[ "$bad" -eq 0 ] && exit 0

if grep -qE '\[(build|setup) failed\]' "$log" "$plain"; then
  exit 1
fi
bad=0 once=()
again() { # HOW LOG: what failed there, once more
  local failed p names
  mapfile -t failed < <(awk '$1 == "FAIL" && $2 ~ /^linli\.dev\// {print $2}' "$2" | sort -u)
  for p in "${failed[@]}"; do
    echo "once more, by itself: $p"
    # go test says what failed before it names the package.
    names=$(awk -v p="$p" '/^--- FAIL: / {names = names " " $3} $1 ~ /^(ok|FAIL)$/ && $2 ~ /^linli\.dev\// {if ($1 == "FAIL" && $2 == p) print names; names = ""}' "$2")
    if "$1" -count=1 -timeout 20m ${names:+-run "^($(tr ' ' '|' <<<"${names# }"))\$"} "$p"; then
      once+=("  $p:${names:- (no test named)}")
    else
      bad=$((bad + 1))
    fi
  done
  found=$((found + ${#failed[@]}))
}
found=0
again watched "$log"
again unwatched "$plain"
[ "$found" -gt 0 ] || exit 1 # it failed, and named no package
if [ ${#once[@]} -gt 0 ]; then
  echo "failed at first, and passed when run again by itself:"
  printf '%s\n' "${once[@]}" | tee -a "${LINLI_AGAIN:-/dev/null}"
fi
[ "$bad" -eq 0 ]
