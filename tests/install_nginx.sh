#!/bin/sh
# The proof behind nginx needs it: Debian's own package, installed where it is missing. Its own service is not started.
set -e
command -v nginx >/dev/null 2>&1 && exit 0
[ -x /usr/sbin/nginx ] && exit 0
if ! command -v apt-get >/dev/null 2>&1; then
  echo "This needs nginx, and this machine has no apt-get: install it so that \`nginx\` is found." >&2
  exit 1
fi
as_root=""
if [ "$(id -u)" != 0 ]; then
  if ! command -v sudo >/dev/null 2>&1 || ! sudo -n true 2>/dev/null; then
    echo "This needs nginx: run \`apt-get install nginx-light\` as root, then try again." >&2
    exit 1
  fi
  as_root="sudo"
fi
echo "Installing nginx…"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get -o DPkg::Lock::Timeout=300 update -qq
$as_root apt-get -o DPkg::Lock::Timeout=300 install -qq -y --no-install-recommends nginx-light >/dev/null
command -v nginx >/dev/null || [ -x /usr/sbin/nginx ]
