"""Typed readers for the settings that come from the environment. Each fails with one line that says what to set."""

import ipaddress
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import dj_email_url
from django.core.exceptions import ImproperlyConfigured
from environs import FileAwareEnv

env = FileAwareEnv(strip_whitespace=True)
MAIL_SCHEMES = {  # what dj-email-url calls it, the usual port, and what it cannot say
    "smtp+tls": ("smtp", 587, {"EMAIL_USE_TLS": True}),
    "smtp+ssl": ("smtp", 465, {"EMAIL_USE_SSL": True}),
}


@dataclass(frozen=True)
class BaseUrl:
    """The portal's own address, as people type it: scheme and host, and a port where it is not the usual one."""

    scheme: str
    host: str
    origin: str

    @property
    def is_local(self):
        return self.host in ("localhost", "127.0.0.1", "::1")

    @property
    def is_secure(self):
        return self.scheme == "https"


@dataclass(frozen=True)
class StorageUrl:
    """Where the files lie: a folder, or a bucket behind an S3 endpoint."""

    kind: str  # "folder" | "s3"
    folder: Path | None = None
    bucket: str = ""
    endpoint: str = ""
    region: str = "us-east-1"

    @property
    def origins(self):
        """Where browsers reach the bucket themselves: none for a folder."""
        if self.kind == "folder":
            return []
        if self.endpoint:
            parts = urlsplit(self.endpoint)
            return [f"{parts.scheme}://{parts.netloc}"]
        return [f"https://s3.{self.region}.amazonaws.com", "https://s3.amazonaws.com"]


@dataclass(frozen=True)
class ScannerUrl:
    """Where clamd listens: a host and its port, or the path of a socket."""

    host: str = ""
    port: int = 0
    path: str = ""


def scanner_url(name):
    """The ScannerUrl, or None where no scanner is named."""
    value = text(name, "")
    if not value:
        return None
    wanted = "tcp://host:port, or unix:///path of clamd's socket"
    parts = _split(name, value, wanted)
    is_bare = not (parts.query or parts.fragment or parts.username)
    if parts.scheme == "tcp" and parts.hostname and parts.port and parts.path in ("", "/") and is_bare:
        return ScannerUrl(host=parts.hostname, port=parts.port)
    if parts.scheme == "unix" and not parts.netloc and len(parts.path) > 1 and is_bare:
        return ScannerUrl(path=parts.path)
    raise ImproperlyConfigured(f"{name} is {value!r}; give {wanted}")


def base_url(name, default):
    value = text(name, default).rstrip("/")
    parts = _split(name, value, "the address people type, like https://portal.example.com")
    is_bare = not (parts.path or parts.query or parts.fragment or parts.username)
    if parts.scheme not in ("http", "https") or not parts.hostname or not is_bare:
        raise ImproperlyConfigured(
            f"{name} is {value!r}; give the address people type, like https://portal.example.com"
        )
    if parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise ImproperlyConfigured(f"{name} is {value!r}; anywhere but on localhost it must begin with https://")
    return BaseUrl(parts.scheme, parts.hostname, value)


def storage_url(name, default):
    return as_storage_url(name, text(name, default))


def as_storage_url(name, value):
    wanted = "a folder, or s3://bucket?endpoint=https://s3.example.com"
    if "://" not in value or value.startswith("file://"):
        folder = value.removeprefix("file://")
        if not folder:
            raise ImproperlyConfigured(f"{name} is empty; give {wanted}")
        return StorageUrl("folder", folder=Path(folder).absolute())
    parts = _split(name, value, wanted)
    query = {key: values[0] for key, values in parse_qs(parts.query).items()}
    if parts.scheme != "s3" or not parts.hostname or set(query) - {"endpoint", "region"}:
        raise ImproperlyConfigured(f"{name} is {value!r}; give {wanted}")
    region = query.get("region", "us-east-1")
    return StorageUrl("s3", bucket=parts.netloc, endpoint=query.get("endpoint", ""), region=region)


def serve_files(name, storage):
    """Who sends the bytes of downloads: "portal", or the "nginx" in front of it, which reads the folder that they lie in."""
    value = text(name, "portal")
    if value not in ("portal", "nginx"):
        raise ImproperlyConfigured(f"{name} is {value!r}; give portal, or nginx where one stands in front")
    if value == "nginx" and storage.kind != "folder":
        raise ImproperlyConfigured(
            f"{name} is 'nginx', but the files lie in a bucket, which sends them itself; unset it"
        )
    return value


def text(name, default):
    """The value of ``name`` or of the file that ``name``_FILE names."""
    try:
        return env.str(name, default)
    except ValueError as problem:
        raise ImproperlyConfigured(f"{name}_FILE cannot be read: {problem}") from problem


def _split(name, value, wanted):
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018 — raises where it is no number
        return parts
    except ValueError as problem:
        raise ImproperlyConfigured(f"{name} is {value!r}; give {wanted}") from problem


def database_url(name, default):
    """The DATABASES entry for an SQLite file or a PostgreSQL server, with the settings that each needs here."""
    value = text(name, default)
    try:
        database = env.dj_db_url(name, default)
    except Exception as problem:
        raise ImproperlyConfigured(f"{name} is not a database address: {problem}") from problem
    if database.get("NAME") in (None, "", ":memory:"):
        raise ImproperlyConfigured(f"{name} is {value!r}; it names no database")
    if database["ENGINE"].endswith("sqlite3"):
        database["NAME"] = str(Path(database["NAME"]).absolute())
        database["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",  # a deferred transaction fails at its first write when another wrote meanwhile
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
        }
        database["CONN_MAX_AGE"] = None
    elif database["ENGINE"].endswith("postgresql"):
        database["CONN_HEALTH_CHECKS"] = True
        database["OPTIONS"] = {**database.get("OPTIONS", {}), "pool": {"min_size": 1, "max_size": 20, "timeout": 10}}
    else:
        raise ImproperlyConfigured(f"{name} is {value!r}; give sqlite:///file or postgresql://…")
    return database


def secret_key(name, base, folder):
    """SECRET_KEY from the environment; on localhost, made once and kept in ``folder``, readable by its owner alone."""
    value = text(name, "")
    if value:
        if len(value) < 32:
            raise ImproperlyConfigured(f"{name} is too short; give at least 50 random characters")
        return value
    if not base.is_local:
        raise ImproperlyConfigured(f"{name} is not set; give at least 50 random characters, or {name}_FILE")
    path = folder / "secret-key"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
    return path.read_text().strip()


def hash_list(name):
    """The path of a list of leaked passwords' SHA-1, or None where none is named."""
    value = text(name, "")
    if not value:
        return None
    path = Path(value).absolute()
    try:
        with path.open("rb") as file:
            first = file.read(40).decode("ascii", "replace")
    except OSError as problem:
        raise ImproperlyConfigured(f"{name} is {value!r}, which cannot be read: {problem}") from problem
    if len(first) != 40 or set(first.lower()) - set("0123456789abcdef"):
        raise ImproperlyConfigured(f"{name} is {value!r}; each line must begin with a SHA-1 in hex, in order")
    return path


def whole_number(name, default, *, least=0):
    try:
        value = env.int(name, default)
    except Exception as problem:
        raise ImproperlyConfigured(f"{name} must be a whole number") from problem
    if value < least:
        raise ImproperlyConfigured(f"{name} is {value}; it must be at least {least}")
    return value


def one_of(name, values):
    """One of ``values``, the first where nothing is set."""
    value = text(name, values[0])
    if value not in values:
        raise ImproperlyConfigured(f"{name} is {value!r}; give {' or '.join(values)}")
    return value


def yes_or_no(name):
    """Whether it is switched on: no, where nothing is set."""
    return one_of(name, ("no", "yes")) == "yes"


def networks(name):
    """The addresses and networks that are named, divided by commas or blanks, as networks of ipaddress."""
    try:
        return [ipaddress.ip_network(one) for one in text(name, "").replace(",", " ").split()]
    except ValueError as problem:
        raise ImproperlyConfigured(
            f"{name}: {problem}; give addresses and networks, like 10.0.0.5,10.1.0.0/16"
        ) from problem


def email_url(name):
    """The e-mail settings, or None where no server is named. ``smtp+tls`` begins in the clear and demands TLS (port 587),
    ``smtp+ssl`` speaks TLS from the first byte (465)."""
    value = text(name, "")
    if not value:
        return None
    scheme, _, rest = value.partition("://")
    known, port, ways = MAIL_SCHEMES.get(scheme, (scheme, None, {}))
    try:
        settings = {**dj_email_url.parse(f"{known}://{rest}"), **ways}
        settings["EMAIL_PORT"] = urlsplit(value).port or port or settings["EMAIL_PORT"]
    except Exception as problem:
        raise ImproperlyConfigured(f"{name} is not a mail server's address") from problem
    if "EMAIL_BACKEND" not in settings:
        raise ImproperlyConfigured(f"{name} is no mail server's address; give smtp+tls://user:password@host:587")
    return settings


def cache_url(name):
    """The CACHES entry: a table of the database by default, so that all processes share it."""
    if not text(name, ""):
        return {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "LOCATION": "portal_cache",
            "OPTIONS": {"MAX_ENTRIES": 200_000},
        }
    try:
        return env.dj_cache_url(name)
    except Exception as problem:
        raise ImproperlyConfigured(f"{name} is not a cache address: {problem}") from problem
