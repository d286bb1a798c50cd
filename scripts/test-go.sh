#!/usr/bin/env bash
# All Go tests with the race detector. PostgreSQL must be there: a missing engine is a failure, not a skip.
set -euo pipefail
export LINLI_REQUIRE_POSTGRES=1 CGO_ENABLED=1
go test -race -timeout 20m "$@" ./...
