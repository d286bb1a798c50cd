#!/usr/bin/env bash
# Format, vet, staticcheck, types, arrows, generated files. Prints what is wrong and how to mend it.
set -uo pipefail
bad=0
step() { printf '%-34s' "$1"; }
ok() { echo "ok"; }
no() { echo "NOT OK"; [ -n "${1:-}" ] && printf '%s\n' "$1"; bad=$((bad + 1)); }

step "format (gofumpt)"
out=$(git ls-files -z '*.go' | xargs -0 go tool -modfile=tools/go.mod gofumpt -l 2>&1)
if [ -z "$out" ]; then ok; else no "$out
mend: git ls-files '*.go' | xargs go tool -modfile=tools/go.mod gofumpt -w"; fi

step "go vet"
if out=$(go vet ./... 2>&1); then ok; else no "$out"; fi

step "staticcheck"
if out=$(go tool -modfile=tools/go.mod staticcheck ./... 2>&1); then ok; else no "$out"; fi

step "go.mod is tidy"
if out=$(go mod tidy -diff 2>&1); then ok; else no "$out
mend: go mod tidy"; fi

step "arrows and map"
if out=$(go test -count=1 . 2>&1); then ok; else no "$out"; fi

step "types of the pages (vue-tsc)"
if out=$(cd web && npm run --silent typecheck 2>&1); then ok; else no "$out"; fi

step "format of the pages (biome)"
if out=$(cd web && npm run --silent lint 2>&1); then ok; else no "$out"; fi

step "API types are up to date"
tmp=$(mktemp -d)
if out=$(go run ./cmd/linli openapi >"$tmp/openapi.json" 2>&1 && diff -q "$tmp/openapi.json" web/openapi.json 2>&1 && cd web && npm run --silent types -- --check 2>&1); then ok; else no "$out
mend: make generate"; fi
rm -rf "$tmp"

echo "$((8 - bad)) passed, $bad failed"
[ "$bad" -eq 0 ]
