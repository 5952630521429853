"""Numbers of events that a page's address must hold and a client must not read: they would tell how much the firm does."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import cache
from urllib.parse import parse_qsl, urlencode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.utils.crypto import salted_hmac

from accounts.paging import END

PLACES = ("after", "before", "upto")  # parameters that hold the number of an event


@cache
def _cipher():
    return AESSIV(salted_hmac("reports.sealed", "number", algorithm="sha256").digest())


def sealed(number):
    """The number, to be read by the portal alone. The same number is sealed alike, so that an address can be kept."""
    return urlsafe_b64encode(_cipher().encrypt(int(number).to_bytes(8), None)).decode()


def unsealed(text):
    """The number as text; empty where nobody sealed one."""
    try:
        return str(int.from_bytes(_cipher().decrypt(urlsafe_b64decode(text.encode()), None)))
    except (InvalidTag, ValueError):
        return ""


def with_numbers(query):
    """A page's parameters (a QueryDict), unsealed."""
    query = query.copy()
    for name in PLACES:
        if name in query and query[name] != END:
            query[name] = unsealed(query[name])
    return query


class SealedPage:
    """A page whose addresses hold sealed numbers."""

    def __init__(self, page):
        self._page = page

    def __iter__(self):
        return iter(self._page)

    def __len__(self):
        return len(self._page)

    def __getattr__(self, name):
        value = getattr(self._page, name)
        return _sealed_in(value) if isinstance(value, str) and value.startswith("?") else value


def _sealed_in(url):
    pairs = parse_qsl(url[1:])
    return "?" + urlencode(
        [(name, sealed(value) if name in PLACES and value != END else value) for name, value in pairs]
    )
