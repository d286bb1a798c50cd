#!/usr/bin/env bash
# The browser stories. Those of the programme, and of forms, need hardly any pictures: they run beside those of the cameras, which would
# only disturb one another. A file that failed is run once more by itself, with a new server: what fails twice has failed,
# what failed once is named, story by story, in the last lines (and in the file $LINLI_AGAIN, whose lines `make test` ends with).
#   scripts/test-browser.sh [NAME…]    only the files whose name contains NAME
set -uo pipefail
cd "$(dirname "$0")/.."
scripts/may-mount.sh || exit 1 # a story fills a disk
cd web
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

stories() { npm run --silent e2e -- "$@"; }

lane() { # NAME FILE…
  local results="$tmp/$1.json" bad=0 again f
  shift
  stories --reporter=default --reporter=json --outputFile.json="$results" "$@" && return 0
  mapfile -t again < <(node -e '
    const { testResults } = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"));
    for (const f of testResults) if (f.status !== "passed") console.log(f.name);' "$results")
  [ ${#again[@]} -gt 0 ] || return 1
  for f in "${again[@]}"; do
    echo "once more, by itself: $(basename "$f")"
    stories "$f" || { bad=1; continue; }
    node -e '
      const { testResults } = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"));
      const [file] = testResults.filter((f) => f.name === process.argv[2]);
      const failed = file.assertionResults.filter((a) => a.status === "failed").map((a) => a.fullName);
      console.log(`  ${require("path").basename(file.name)}: ${failed.join(" / ") || file.message.split("\n")[0] || "before its first story"}`);' \
      "$results" "$f" >>"$tmp/again"
  done
  return "$bad"
}

closing() { # what was run again, last of all
  [ -s "$tmp/again" ] || return 0
  echo "failed at first, and passed when run again by itself:"
  tee -a "${LINLI_AGAIN:-/dev/null}" <"$tmp/again"
}

if [ $# -gt 0 ]; then
  bad=0
  lane chosen "$@" || bad=1
  closing
  exit "$bad"
fi
programme='/(city|rights|keeping|lists|setup|sheet|task|register|pages|newcomer|paint)\.test\.ts$' # and forms: about as long as the rest
mapfile -t office < <(cd .. && ls e2e/browser/*.test.ts | grep -E "$programme")
mapfile -t cameras < <(cd .. && ls e2e/browser/*.test.ts | grep -vE "$programme")
lane office "${office[@]}" >"$tmp/office.log" 2>&1 &
beside=$! # now: a lane that runs something again has background jobs of its own
bad=0
lane cameras "${cameras[@]}" || bad=1
wait "$beside" || bad=1
cat "$tmp/office.log"
closing
exit "$bad"
