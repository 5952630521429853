"""What the log has to tell by itself: ``send(Model, subject=row)``."""

from django.dispatch import Signal

break_found = Signal()
checkpoint_due = Signal()  # for those who keep checkpoints elsewhere
