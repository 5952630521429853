#!/bin/sh
# The proofs of the scanner need clamd: Debian's own package, installed where it is missing. No signatures are fetched.
set -e
PATH="$PATH:/usr/sbin"
command -v clamd >/dev/null 2>&1 && exit 0
if ! command -v apt-get >/dev/null 2>&1; then
  echo "The proofs of the scanner need clamd, and this machine has no apt-get: install it so that \`clamd\` is found." >&2
  exit 1
fi
as_root=""
if [ "$(id -u)" != 0 ]; then
  if ! command -v sudo >/dev/null 2>&1 || ! sudo -n true 2>/dev/null; then
    echo "The proofs of the scanner need clamd: run \`apt-get install clamav-daemon\` as root, then make prove again." >&2
    exit 1
  fi
  as_root="sudo"
fi
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get -o DPkg::Lock::Timeout=300 update -qq
$as_root apt-get -o DPkg::Lock::Timeout=300 install -qq -y --no-install-recommends clamav-daemon >/dev/null
command -v clamd >/dev/null
