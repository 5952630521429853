"""What happened to files. All have one shape: ``send(Model, subject=object, by=user, …)``, sent as the last statement of
the atomic verb that did it; a bulk verb sends one signal with ``subjects=[…]`` and, in the same order, ``each=[{…}, …]``."""

from django.dispatch import Signal

file_uploaded = Signal()
version_uploaded = Signal()
upload_failed = Signal()
file_downloaded = Signal()
file_renamed = Signal()
file_binned = Signal()
file_restored = Signal()
folder_created = Signal()
