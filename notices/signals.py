"""What became of a notice: ``send(User, subject=recipient, by=None, note=…)``."""

from django.dispatch import Signal

notice_sent = Signal()
notice_failed = Signal()
