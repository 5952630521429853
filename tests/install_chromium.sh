#!/bin/sh
# The browser tests need Chromium: Debian's headless shell, or the whole browser where only that can be had; and the fonts that
# they measure pages with.
set -e
packages="chromium-headless-shell fonts-liberation fonts-noto-core"
dpkg --status $packages >/dev/null 2>&1 && exit 0
do_without() {
  command -v chromium >/dev/null 2>&1 && exit 0
  echo "$1" >&2
  exit 1
}
command -v apt-get >/dev/null 2>&1 ||
  do_without "The browser tests need Chromium, and this machine has no apt-get: install it so that \`chromium\` is found."
as_root=""
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null ||
    do_without "The browser tests need Chromium: run \`apt-get install $packages\` as root, then make test again."
  as_root="sudo"
fi
echo "Installing Chromium for the browser tests…"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get -o DPkg::Lock::Timeout=300 update -qq &&
  $as_root apt-get -o DPkg::Lock::Timeout=300 install -qq -y --no-install-recommends $packages >/dev/null ||
  do_without "Chromium could not be installed."
command -v chromium-headless-shell >/dev/null
