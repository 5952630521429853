"""Passwords are checked a few at a time: each check fills 100 MB and all cores for a moment, and more at once would only wait
for each other with all that memory in their hands."""

import threading

from django.contrib.auth.hashers import Argon2PasswordHasher

AT_ONCE = 2  # in a process

_turns = threading.BoundedSemaphore(AT_ONCE)


class FewAtOnceHasher(Argon2PasswordHasher):
    """Django's own Argon2, whose hashes it shares."""

    def encode(self, *arguments):
        with _turns:
            return super().encode(*arguments)

    def verify(self, *arguments):
        with _turns:
            return super().verify(*arguments)
