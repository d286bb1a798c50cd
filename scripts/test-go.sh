#!/usr/bin/env bash
# All Go tests, with the race detector but for the few long ones that one goroutine reckons ($reckoned): those run in full, and without.
# PostgreSQL must be there: a missing engine is a failure, not a skip.
# modernc.org/sqlite/lib is SQLite itself, translated from C: none of its memory is Go's, and watched for races it costs a third
# more. (It uses no generics. A package that does must be watched: the linker may take its copy of a generic function, one
# without marks, for all.)
# What measures itself against a clock (sockets, disks, cameras) waits more than it works. What reckons takes what that leaves of the processor
# (scripts/beside.sh), and is compiled with it beforehand: two compilers at once would do the same work twice.
# What failed of a package is run once more by itself (all of it where no test was named): tests with real sockets, disks and browsers need a moment of a machine
# that has just run everything else. What fails twice has failed; what failed once is named, test by test, in the last lines
# (and in the file $LINLI_AGAIN, whose lines `make test` ends with).
#   scripts/test-go.sh                                              all of it
#   scripts/test-go.sh peers|libraries|compile|reckoning|waiting|again    one part of it, as scripts/test.sh does; what failed lies in the folder $LINLI_RUN
set -uo pipefail
cd "$(dirname "$0")/.."
export LINLI_REQUIRE_POSTGRES=1 CGO_ENABLED=1

race=(-race '-gcflags=modernc.org/sqlite/lib=-race=false')
bare='-ldflags=-s -w' # without tables for a debugger, which take a fifth of linking
# Whole cities, long lists and histories, from hardly more than one goroutine into one database: watched for races they would take four times as long and show nothing
# that the other tests of their packages do not.
reckoned='^(TestFiveHundredFaults|TestALongListTakesLittleMemory|TestTheLastTransactionIsShort|TestRefusedFiles|TestAProvinceIsManyCities|TestInspectionsInADatabase|TestAListIsKnownAtOnce|TestTheStoryGoesOn|TestThePublishedFigures|TestTheCityAddsUp|TestADatabaseSaysWhatMemorySays|TestLibreOfficeSaysWhatThePageSays|TestTheBulletinAsACommand|TestReportsAddUp|TestNoCountyIsGivenARowOfAnother|TestDrawings|TestNothingIsHalfDone|TestWhatIsExportedComesBack|TestTheSameSeedIsTheSameCity|TestEachNumberLeadsToItsRows)$'
clocked='/(protocol|media|camera|role|bench|demo/camsim|cmd|api|link)(/|$)|/demo$'
long='/(demo/city|people/sheet|people/programme|cmd/linli|role|media/record|media/stream|media/archive)$' # first, or one of them runs alone at the end

packages() { # PATTERN [-v]: the long ones first
  local list
  list=$(go list ./... | grep -E ${2:-} "$1")
  grep -E "$long" <<<"$list"
  grep -Ev "$long" <<<"$list"
}

# `make check` vets, once.
watched() { go test -vet=off "${race[@]}" "$bare" -skip "$reckoned" -timeout 20m "$@"; }
unwatched() { CGO_ENABLED=0 go test -vet=off -trimpath -timeout 20m "$@"; } # as the program itself is built, so that little is left to compile

peers() { # a peer that is missing would make its tests skip in silence
  local peer part missing=()
  for peer in ffmpeg ffprobe chromium gst-launch-1.0 soffice pdftotext; do
    command -v "$peer" >/dev/null || missing+=("$peer")
  done
  for part in GstRtspServer GstWebRTC; do
    /usr/bin/python3 -c "import gi; gi.require_version('$part', '1.0')" 2>/dev/null || missing+=("$part for Python")
  done
  if [ ${#missing[@]} -gt 0 ]; then
    printf 'missing, and tests against it would be left out: %s\n' "${missing[@]}"
    echo "scripts/need.sh test installs them"
    return 1
  fi
  scripts/real-clip.sh >/dev/null || return 1 # without real footage, only for a reason that somebody gives
  scripts/may-mount.sh || return 1 # without full and lost disks, too
}

# What is not ours needs no pages, and may be compiled while they are built. What is wrong here is said by compile.
libraries() {
  go list -e -deps -test -f '{{if not .Standard}}{{.ImportPath}}{{end}}' ./... 2>/dev/null | grep -v '^linli\.dev/' | xargs go build "${race[@]}" 2>/dev/null
  return 0
}

compile() { go list -export -test "${race[@]}" ./... >/dev/null; } # each test of each package, but not linked

reckoning() {
  local list
  echo 1 | tee "$run/reckoning.watched.bad" >"$run/reckoning.unwatched.bad" # until it has come to its end
  mapfile -t list < <(packages "$clocked" -v)
  [ -n "${list[0]:-}" ] || { echo "go list names no package"; return 1; } # without a name go test would test this folder
  watched -p 2 "$@" "${list[@]}" 2>&1 | tee "$run/reckoning.watched"
  echo "${PIPESTATUS[0]}" >"$run/reckoning.watched.bad"
  unwatched -run "$reckoned" -p 2 "$@" ./demo/city ./people/sheet ./people/place ./cmd/linli 2>&1 | tee "$run/reckoning.unwatched"
  echo "${PIPESTATUS[0]}" >"$run/reckoning.unwatched.bad"
}

waiting() {
  local list
  echo 1 >"$run/waiting.watched.bad"
  mapfile -t list < <(packages "$clocked")
  [ -n "${list[0]:-}" ] || { echo "go list names no package"; return 1; }
  watched -p 3 "$@" "${list[@]}" 2>&1 | tee "$run/waiting.watched"
  echo "${PIPESTATUS[0]}" >"$run/waiting.watched.bad"
}

again() { # once more what failed, by itself; says whether all is well
  local bad=0 log logs=("$run"/{reckoning.watched,reckoning.unwatched,waiting.watched}) how p names failed once=()
  for log in "${logs[@]}"; do
    [ "$(cat "$log.bad")" = 0 ] && continue
    [ -e "$log" ] || return 1
    if grep -qE '\[(build|setup) failed\]' "$log"; then return 1; fi
    how=${log##*.}
    mapfile -t failed < <(awk '$1 == "FAIL" && $2 ~ /^linli\.dev\// {print $2}' "$log" | sort -u)
    [ ${#failed[@]} -gt 0 ] || return 1 # it failed, and named no package
    for p in "${failed[@]}"; do
      echo "once more, by itself: $p"
      # go test says what failed before it names the package.
      names=$(awk -v p="$p" '/^--- FAIL: / {names = names " " $3} $1 ~ /^(ok|FAIL)$/ && $2 ~ /^linli\.dev\// {if ($1 == "FAIL" && $2 == p) print names; names = ""}' "$log")
      if "$how" -count=1 ${names:+-run "^($(tr ' ' '|' <<<"${names# }"))\$"} "$p"; then
        once+=("  $p:${names:- (no test named)}")
      else
        bad=$((bad + 1))
      fi
    done
  done
  if [ ${#once[@]} -gt 0 ]; then
    echo "failed at first, and passed when run again by itself:"
    printf '%s\n' "${once[@]}" | tee -a "${LINLI_AGAIN:-/dev/null}"
  fi
  [ "$bad" -eq 0 ]
}

run=${LINLI_RUN:-}
case ${1:-} in
  peers | libraries | compile | reckoning | waiting | again)
    : "${run:?the folder for what failed}"
    "$@"
    ;;
  *)
    run=$(mktemp -d)
    trap 'rm -rf "$run"' EXIT
    export LINLI_RUN=$run
    peers && compile || exit 1
    . scripts/beside.sh
    beside "$run/beside.log" scripts/test-go.sh reckoning "$@"
    waiting "$@"
    rejoin
    again
    ;;
esac
