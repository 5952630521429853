"""What a proof needs of the machine below: a Debian package, or a small disk of its own. Both need root."""

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

APT = ["apt-get", "-o", "DPkg::Lock::Timeout=300"]


def need(command, *, package):
    """The command is there; its Debian package (or several, with spaces) is installed where it is not. Fails, never skips."""
    if shutil.which(command):
        return
    if not shutil.which("apt-get"):
        pytest.fail(
            f"This proof needs `{command}`, and there is no apt-get to install {package} with: install it by hand."
        )
    as_root([*APT, "update", "-qq"])
    as_root([*APT, "install", "-qq", "-y", "--no-install-recommends", *package.split()])


@contextmanager
def small_disk(size_mb):
    """A new file system in memory with room for so many MB; yields its folder. Gone at the end, whatever happens."""
    folder = Path(tempfile.mkdtemp(prefix="portal-disk-", dir="/tmp"))
    try:
        as_root(["mount", "-t", "tmpfs", "-o", f"size={size_mb}m,mode=0777", "tmpfs", str(folder)])
        try:
            yield folder
        finally:
            as_root(["umount", "--lazy", str(folder)])
    finally:
        folder.rmdir()


def free_bytes(disk):
    return shutil.disk_usage(disk).free


def fill(disk, *, but=0):
    """Nothing but ``but`` bytes, in whole pages, is free on the disk, whoever else writes to it. Returns the filler."""
    filler = disk / "filler"
    with open(filler, "wb", buffering=0) as file:
        for piece in (bytes(1024**2), bytes(4096)):
            with suppress(OSError):
                while file.write(piece) == len(piece):
                    pass
        file.truncate(file.tell() - but)
    return filler


def as_root(command):
    command = root_command(command)
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=600)
    except OSError:  # no sudo
        pytest.fail(f"This proof needs root for `{' '.join(command)}`: run it as root, or where sudo asks no password.")
    if result.returncode != 0:
        words = " ".join(command)
        pytest.fail(f"`{words}` failed (it needs root, or sudo without a password):\n{result.stdout}{result.stderr}")


def root_command(command):
    """The same, by sudo where this process is not root's."""
    return command if os.geteuid() == 0 else ["sudo", "-n", *command]
