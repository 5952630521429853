"""Passwords that others would try first: common ones with something around them, the firm's own words, and leaked ones."""

import hashlib
import re

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

from accounts.models import Firm

WORDS = (
    *("password", "passwort", "welcome", "letmein", "qwerty", "login", "signin", "admin", "administrator"),
    *("firm", "portal", "client", "tax", "taxes", "accounting", "accountant", "bookkeeping", "cpa", "organizer"),
)
LEAST_LEFT = 8  # characters beside those words
SHORTEST_WORD = 3  # of the firm's name
HASH_LENGTH = 40  # of a SHA-1 in hex


class GuessableValidator(CommonPasswordValidator):
    """Refuses a common password with digits and signs around it or twice in a row, and WORDS or the firm's name with little
    beside them."""

    def validate(self, password, user=None):
        text = _once(password.casefold().strip())
        core = re.sub(r"^[^a-z]+|[^a-z]+$", "", text)
        rest = _without(text, {*WORDS, *_words_of(Firm.current().name)})
        is_common = bool(self.passwords & {text, core, rest})
        if is_common or len(text) < LEAST_LEFT or (rest != text and len(rest) < LEAST_LEFT):
            raise ValidationError(self.get_help_text(), code="password_guessable")

    def get_help_text(self):
        return (
            "This is easy to guess: a common word, or the firm's name, with little beside it. "
            "Take a few words that only you would put together."
        )


class BreachedValidator:
    """Refuses a password whose SHA-1 is in the sorted list at BREACHED_PASSWORDS, where there is one. It never leaves the
    machine. Raises OSError where the list cannot be read: nothing is taken unchecked."""

    def validate(self, password, user=None):
        path = settings.BREACHED_PASSWORDS
        digest = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
        if path and _is_listed(path, digest):
            raise ValidationError(self.get_help_text(), code="password_breached")

    def get_help_text(self):
        return "This password was found in a leak, so that others try it. Take another."


def _once(text):
    """The piece that the text repeats, or the text."""
    return text[: (text + text).find(text, 1)] if text else text


def _words_of(name):
    return {word for word in re.findall(r"\w+", name.casefold()) if len(word) >= SHORTEST_WORD}


def _without(text, words):
    """What is left beside the words; the text as it is where it has none of them."""
    left = text
    for word in sorted(words, key=len, reverse=True):
        left = left.replace(word, "")
    return left if left == text else re.sub(r"[\W_]+", "", left)


def _is_listed(path, digest):
    """Whether a line begins with the digest. Each line begins with a SHA-1 in capital hex, in order; halving finds it."""
    with path.open("rb") as file:
        low, high = 0, path.stat().st_size
        while low < high:
            middle = (low + high) // 2
            line = _line_from(file, middle)
            if line and line[:HASH_LENGTH].upper() < digest:
                low = middle + 1
            else:
                high = middle
        return _line_from(file, low)[:HASH_LENGTH].upper() == digest


def _line_from(file, position):
    """The first line that begins there or later; empty past the last."""
    file.seek(max(position - 1, 0))
    if position:
        file.readline()
    return file.readline()
