"""Encryption in the age format, by pyrage, a stream at a time: memory does not grow with what is encrypted."""

import hashlib
import os
from contextlib import suppress

import pyrage
from pyrage import passphrase, x25519

from operations.backup.problems import Damaged, NotOpened, Refused

IDENTITY, RECIPIENT = "identity.age", "recipient"


class SourceFailed(Exception):
    """What was to be encrypted could not be read to its end."""


class Counted:
    """A file whose bytes are counted and hashed on their way, in either direction. ``problem`` is what broke it off."""

    def __init__(self, file):
        self._file, self._digest = file, hashlib.sha256()
        self.size_bytes, self.problem = 0, None

    @property
    def sha256(self):
        return self._digest.hexdigest()

    def read(self, size=-1):
        try:
            data = self._file.read(size)
        except Exception as problem:
            self.problem = problem
            raise
        return self._count(data)

    def write(self, data):
        try:
            self._file.write(data)
        except Exception as problem:
            self.problem = problem
            raise
        return len(self._count(data))

    def flush(self):
        self._file.flush()

    def _count(self, data):
        self._digest.update(data)
        self.size_bytes += len(data)
        return data


def seal(source, path, recipient):
    """The bytes of ``source``, a binary file, lie encrypted at ``path``, on the disk and for its owner alone. Returns (what was
    read, what was written), both Counted. Nothing is there if it fails; raises SourceFailed, or what the disk raised."""
    part = path.with_name(f".{path.name}.part")
    read = Counted(source)
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            written = Counted(file)
            _seal(read, written, recipient)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
    return read, written


def _seal(read, written, recipient):
    try:
        pyrage.encrypt_io(read, written, [recipient])
    except pyrage.EncryptError as problem:
        if read.problem:
            raise SourceFailed(str(read.problem)) from read.problem
        raise written.problem or problem from problem


def unseal(path, sink, identities, *, name):
    """What is encrypted at ``path`` is written to ``sink``; returns it Counted. Raises Damaged, with the part's ``name``,
    NotOpened, or what the sink raised."""
    written = Counted(sink)
    try:
        with open(path, "rb") as file:
            pyrage.decrypt_io(file, written, identities)
    except FileNotFoundError as problem:
        raise Damaged([f"{name} is missing"]) from problem
    except pyrage.DecryptError as problem:
        if written.problem:
            raise written.problem from problem
        if "No matching keys" in str(problem):
            raise NotOpened(f"the key does not open {name}: it is encrypted to another") from problem
        raise Damaged([f"{name} cannot be decrypted"]) from problem
    except OSError as problem:
        if written.problem:
            raise written.problem from problem
        raise Damaged([f"{name} cannot be decrypted"]) from problem
    return written


def recipient_of(folder, *, words="", recipient=""):
    """What this folder's backups are encrypted to: a key of its own, which the passphrase ``words`` opens, or the public key
    ``recipient``. Made with the first backup, and the same from then on. Raises NotOpened or Refused."""
    if recipient:
        return _public(folder, recipient)
    if (folder / RECIPIENT).exists():
        raise Refused(f"{folder} is encrypted to a public key; give it by --recipient, or use another folder")
    if not (folder / IDENTITY).exists():
        identity = x25519.Identity.generate()
        write_once(folder / IDENTITY, passphrase.encrypt(f"{identity}\n".encode(), words))
        return identity.to_public()
    return opened_by_passphrase(folder, words).to_public()


def _public(folder, recipient):
    try:
        key = x25519.Recipient.from_str(recipient)
    except pyrage.RecipientError as problem:
        raise Refused(f"{recipient} is no public key of age; it begins with age1") from problem
    if (folder / IDENTITY).exists():
        raise Refused(f"{folder} is encrypted to a passphrase; give it, or use another folder")
    path = folder / RECIPIENT
    if not path.exists():
        write_once(path, f"{recipient}\n".encode())
    if (known := path.read_text().strip()) != recipient:
        raise Refused(f"{folder} is encrypted to {known}; use another folder for another key")
    return key


def opened_by_passphrase(folder, words):
    """The key that lies in the folder, opened. Raises NotOpened or Damaged."""
    path = folder / IDENTITY
    if not path.exists():
        raise NotOpened(f"{IDENTITY} is not in {folder}: its backups are encrypted to a public key, or it was lost")
    try:
        return x25519.Identity.from_str(passphrase.decrypt(path.read_bytes(), words).decode().strip())
    except pyrage.DecryptError as problem:
        if "Decryption failed" in str(problem):
            raise NotOpened("the passphrase is wrong") from problem
        raise Damaged([f"{IDENTITY} cannot be read"]) from problem
    except (pyrage.IdentityError, ValueError) as problem:
        raise Damaged([f"{IDENTITY} cannot be read"]) from problem


def identities_in(path):
    """The secret keys in a file as age-keygen writes it. Raises NotOpened."""
    found = []
    with suppress(OSError, UnicodeDecodeError, pyrage.IdentityError):
        lines = [line.strip() for line in path.read_text().splitlines()]
        found = [x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    if not found:
        raise NotOpened(f"{path} holds no secret key of age: a line that begins with AGE-SECRET-KEY-1")
    return found


def write_once(path, content):
    """The bytes are at the path, on the disk, for its owner alone."""
    part = path.with_name(f".{path.name}.part")
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)
