"""The database: what keeps the portal from starting, whether it keeps what it was given, and what its role may do."""

import os
from pathlib import Path

from django.core.cache import cache
from django.db import connection
from django.utils.crypto import get_random_string

from operations.findings import ok, warning, wrong
from operations.startup import problems

MOUNTS = Path("/proc/self/mountinfo")
ON_A_NETWORK = {
    *("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "lustre", "ocfs2", "gfs2"),
    *("fuse.sshfs", "fuse.glusterfs", "fuse.s3fs", "fuse.rclone", "fuse.ceph", "virtiofs", "vboxsf"),
}


def start():
    """Nothing keeps the portal from starting: migrations, triggers, key file, storage."""
    found = problems(starting=True)
    yield from map(wrong, found)
    if not found:
        yield ok("the database is up to date, and the log's triggers stand")


def database():
    """The engine's version, and that what it has confirmed survives a fall of the machine."""
    yield from _postgresql() if connection.vendor == "postgresql" else _sqlite()


def _sqlite():
    path = Path(connection.settings_dict["NAME"])
    kind = file_system_of(path)
    version = ".".join(map(str, connection.Database.sqlite_version_info))
    if kind in ON_A_NETWORK:
        yield wrong(
            f"{path} lies on a network file system ({kind}), whose locks SQLite cannot rely on; put it on a disk of this "
            "machine, or use PostgreSQL"
        )
    elif _value("PRAGMA journal_mode") != "wal":
        yield wrong(f"{path} is not in WAL mode; its folder must be the portal's to write to")
    else:
        yield ok(f"SQLite {version}, on this machine's own disk")


def _postgresql():
    version = ".".join(map(str, divmod(connection.pg_version, 10_000)))
    found = []
    if _value("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"):
        found.append(
            warning("the portal signs in as a superuser, who could change the log; make a role of its own: CREATE ROLE")
        )
    if _value("SHOW server_encoding") != "UTF8":
        found.append(wrong("the database is not in UTF8; make it anew: CREATE DATABASE … ENCODING 'UTF8'"))
    off = [name for name in ("fsync", "full_page_writes", "synchronous_commit") if _value(f"SHOW {name}") == "off"]
    if off:
        found.append(
            wrong(f"{', '.join(off)} is off, and what was confirmed may be lost when the machine falls; switch it on")
        )
    found += _connections()
    yield from found or [ok(f"PostgreSQL {version}")]


def _connections():
    """Each process has a pool; worker and clock are two more."""
    pool = (connection.settings_dict["OPTIONS"].get("pool") or {}).get("max_size", 1)
    wanted = (int(os.environ.get("PORTAL_WORKERS", "2")) + 2) * pool
    most = int(_value("SHOW max_connections")) - int(_value("SHOW superuser_reserved_connections"))
    if wanted > most:
        yield warning(
            f"the portal's processes here may open {wanted} connections, and the server allows {most}; raise max_connections"
        )


def log_rights():
    """What the portal's role may do with the log: PostgreSQL can keep it from changing events."""
    if connection.vendor != "postgresql":
        return
    may = {
        right: _value("SELECT has_table_privilege(current_user, 'activity_event', %s)", [right])
        for right in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE")
    }
    if not (may["SELECT"] and may["INSERT"]):
        yield wrong("the portal's role may not write into the log; run `manage.py restrict_log` for it, as the owner")
    elif may["UPDATE"] or may["DELETE"] or may["TRUNCATE"]:
        yield ok("triggers protect it; a role that may only append is safer: see docs/configuration.md, restrict_log")
    else:
        yield ok("the portal's role may append to it, and change nothing")


def shared_cache():
    """The cache, which counts tries to sign in and holds the clock's lock, keeps what it is given."""
    key = f"doctor:{get_random_string(12)}"
    cache.set(key, "kept", 60)
    kept = cache.get(key)
    cache.delete(key)
    if kept == "kept":
        yield ok("it keeps what it is given")
    else:
        yield wrong("it does not keep what it is given, so that nothing limits tries to sign in; look at CACHE_URL")


def file_system_of(path, mounts=None):
    """The kind of file system that the path lies on, such as "ext4"; empty where the system does not say."""
    if mounts is None:
        mounts = MOUNTS.read_text() if MOUNTS.exists() else ""
    best, kind = "", ""
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        point = before.split()[4].encode().decode("unicode_escape")  # blanks stand there as \040
        if path.is_relative_to(point) and len(point) >= len(best):
            best, kind = point, after.split()[0]
    return kind


def _value(statement, parameters=None):
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchone()[0]
