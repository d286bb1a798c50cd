#!/usr/bin/env bash
# Whether this user can mount a small disk. The tests of full, unmounted and failed disks need it, and would leave themselves out where it cannot
# be done. So that is a failure, as for any other peer of the tests; who knows why says so, and they are left out:
# LINLI_NO_MOUNT="a desk without root" make test
# Usage: scripts/may-mount.sh
set -uo pipefail

dir=$(mktemp -d)
trap 'rmdir "$dir"' EXIT
if why=$(mount -t tmpfs -o size=1m tmpfs "$dir" 2>&1); then
  umount "$dir"
  exit 0
fi
if [ -n "${LINLI_NO_MOUNT:-}" ]; then
  echo "note: the tests of full, unmounted and failed disks are left out: $LINLI_NO_MOUNT" >&2
  exit 0
fi
echo "No small disk can be mounted (${why%%$'\n'*}), and the tests of full, unmounted and failed disks need one. Run as root," >&2
echo "or say why they must be left out: LINLI_NO_MOUNT=\"the reason\"" >&2
exit 1
