#!/usr/bin/env bash
# Runs every fuzz target in the tree for a while, one after the other. New crashes stay in testdata/fuzz.
# Usage: scripts/fuzz.sh 20s
set -euo pipefail
each=${1:-20s}
failed=0 ran=0
while IFS=: read -r file name; do
  dir=./$(dirname "$file")
  echo "== $dir $name"
  go test "$dir" -run '^$' -fuzz "^$name\$" -fuzztime "$each" -parallel 2 || failed=$((failed + 1))
  ran=$((ran + 1))
done < <(git grep -noE 'func Fuzz[A-Za-z0-9_]+' -- '*_test.go' | sed -E 's/^([^:]+):[0-9]+:func (.*)$/\1:\2/')
echo "$((ran - failed)) passed, $failed failed"
[ "$failed" -eq 0 ]
