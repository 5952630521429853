"""What became of a notice: ``send(User, subject=recipient, by=None, note=…)``."""

from contextlib import contextmanager

from django.db import transaction
from django.dispatch import Signal

notice_sent = Signal()
notice_failed = Signal()


@contextmanager
def announced(subject, note):
    """What is mailed inside is announced as sent, or, where mail fails, as failed and why; the task then fails too."""
    try:
        yield
    except OSError as problem:
        _announce(notice_failed, subject, f"{note}: {type(problem).__name__}")
        raise
    _announce(notice_sent, subject, note)


def _announce(signal, subject, note):
    with transaction.atomic():
        signal.send(type(subject), subject=subject, by=None, note=note)
