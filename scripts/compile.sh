#!/usr/bin/env bash
# compile.sh OUTPUT GO FLAG…: compiles the server. The first time it says how far it has come: that takes minutes, and a silent
# terminal looks like one that hangs.
set -euo pipefail
out=$1 go=$2
shift 2
export CGO_ENABLED=0
if [ -x "$out" ]; then
	exec "$go" build "$@" -o "$out" ./cmd/linli
fi
all=$("$go" list -deps ./cmd/linli | wc -l) # fetches what is missing, and says so
echo "compiling the server, $all packages: a minute or two, on a small machine up to ten; later only what changed…"
# With -v the compiler names each package that it is done with; whatever else it says is passed on.
"$go" build -v "$@" -o "$out" ./cmd/linli 2>&1 | awk -v all="$all" '
	/^[a-zA-Z0-9_.~\/-]+$/ { if (++n % 60 == 0) { printf "  %d of %d packages\n", n, all; fflush() } next }
	{ print > "/dev/stderr" }'
