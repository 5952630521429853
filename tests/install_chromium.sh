#!/bin/sh
# The browser tests need Chromium: Debian's own package, installed where it is missing.
set -e
command -v chromium >/dev/null 2>&1 && exit 0
if ! command -v apt-get >/dev/null 2>&1; then
  echo "The browser tests need Chromium, and this machine has no apt-get: install it so that \`chromium\` is found." >&2
  exit 1
fi
as_root=""
if [ "$(id -u)" != 0 ]; then
  if ! command -v sudo >/dev/null 2>&1 || ! sudo -n true 2>/dev/null; then
    echo "The browser tests need Chromium: run \`apt-get install chromium fonts-liberation\` as root, then make test again." >&2
    exit 1
  fi
  as_root="sudo"
fi
echo "Installing Chromium for the browser tests…"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get -o DPkg::Lock::Timeout=300 update -qq
$as_root apt-get -o DPkg::Lock::Timeout=300 install -qq -y --no-install-recommends chromium fonts-liberation fonts-noto-core >/dev/null
command -v chromium >/dev/null
