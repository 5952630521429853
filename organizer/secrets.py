"""Answers that lie encrypted in the database, with a key that comes from the key file."""

from base64 import urlsafe_b64encode
from functools import lru_cache

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from accounts import keyfile


def encrypt(text):
    return _fernet(keyfile.key("factors")).encrypt(text.encode()).decode()


def decrypt(token):
    """Raises cryptography.fernet.InvalidToken where it was made with another key file."""
    return _fernet(keyfile.key("factors")).decrypt(token.encode()).decode()


@lru_cache(maxsize=2)
def _fernet(key):
    derived = HKDF(SHA256(), 32, salt=None, info=b"firm-portal organizer answers").derive(key)
    return Fernet(urlsafe_b64encode(derived))
