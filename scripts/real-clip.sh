#!/usr/bin/env bash
# Takes, once, the outdoor clip of Debian's opencv-doc (vtest.avi: people cross a square, seen from above) for tests on real footage, and says
# where it lies. It is cached for this user, and never part of the repository. Where it cannot be had, that is a failure, as for any other peer of
# the tests; who knows why says so, and the tests on real footage are left out: LINLI_NO_REAL_CLIP="no way to a Debian mirror" make test
# Usage: scripts/real-clip.sh
set -euo pipefail

cache=${XDG_CACHE_HOME:-$HOME/.cache}/linli
clip=$cache/vtest.avi
if [ ! -s "$clip" ]; then
  mkdir -p "$cache"
  work=$(mktemp -d "$cache/clip.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  if ! (cd "$work" && apt-get download -qq opencv-doc >log 2>&1 && dpkg-deb -x opencv-doc_*.deb out >>log 2>&1); then
    if [ -n "${LINLI_NO_REAL_CLIP:-}" ]; then
      echo "note: tests on real footage are left out: $LINLI_NO_REAL_CLIP" >&2
      exit 0
    fi
    cat "$work/log" >&2
    echo "The outdoor clip of Debian's opencv-doc could not be had, and tests on real footage need it. Run apt-get update and try again," >&2
    echo "put vtest.avi of OpenCV's samples into $cache, or say why it must go without: LINLI_NO_REAL_CLIP=\"the reason\"" >&2
    exit 1
  fi
  found=$(find "$work/out" -name 'vtest.avi*' | head -n 1)
  case $found in
    *.gz) gunzip -c "$found" >"$work/vtest.avi" ;;
    *) cp "$found" "$work/vtest.avi" ;;
  esac
  mv "$work/vtest.avi" "$clip" # whole, or not at all
fi
echo "$clip"
