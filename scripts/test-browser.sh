#!/usr/bin/env bash
# The browser stories. A file that failed is run once more by itself, with a new server: what fails twice has failed,
# what failed once is named.
set -uo pipefail
cd "$(dirname "$0")/../web"
results=$(mktemp)
trap 'rm -f "$results"' EXIT
npm run --silent e2e -- --reporter=default --reporter=json --outputFile.json="$results" "$@" && exit 0

mapfile -t again < <(node -e '
  const { testResults } = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"));
  for (const f of testResults) if (f.status !== "passed") console.log(f.name);' "$results")
[ ${#again[@]} -gt 0 ] || exit 1
bad=0
for f in "${again[@]}"; do
  echo "once more, by itself: $(basename "$f")"
  npm run --silent e2e -- "$f" || bad=$((bad + 1))
done
[ "$bad" -eq 0 ]
