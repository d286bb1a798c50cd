#!/usr/bin/env bash
# Installs, once, the Debian packages that tests and measurements need beyond Go, Node and Make.
# Usage: scripts/need.sh test
set -euo pipefail

packages=(
  gcc libc6-dev        # the race detector
  ffmpeg               # an independent camera, viewer and judge of files
  chromium             # the real browser
  fonts-noto-cjk       # Chinese in screenshots
  postgresql           # the second engine of store/
  libreoffice-writer libreoffice-calc poppler-utils fonts-liberation # opens the bulletins, and says what they say
  gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad
  gstreamer1.0-plugins-ugly gstreamer1.0-libav python3-gi gir1.2-gst-rtsp-server-1.0
  gstreamer1.0-nice gir1.2-gst-plugins-bad-1.0 # a WebRTC viewer of its own
)

missing=()
for p in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'install ok installed' || missing+=("$p")
done
[ ${#missing[@]} -eq 0 ] && exit 0

sudo=()
if [ "$(id -u)" != 0 ]; then
  if sudo -n true 2>/dev/null; then
    sudo=(sudo -n)
  else
    echo "The tests need some Debian packages. Please run this line once, then again what you ran:" >&2
    echo "  sudo apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
fi

echo "installing, once: ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive
# The PostgreSQL package would start a server of its own; the tests start theirs on a private socket.
"${sudo[@]}" mkdir -p /etc/postgresql-common
[ -e /etc/postgresql-common/createcluster.conf ] ||
  echo 'create_main_cluster = false' | "${sudo[@]}" tee /etc/postgresql-common/createcluster.conf >/dev/null
for try in 1 2 3; do
  if "${sudo[@]}" apt-get update -qq >"$log" 2>&1 &&
     "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >>"$log" 2>&1; then
    exit 0
  fi
  sleep $((try * 3))
done
cat "$log" >&2
echo "The packages above could not be installed." >&2
exit 1
