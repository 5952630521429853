"""What happened to files. All have one shape: ``send(Model, subject=object, by=user, …)``, sent as the last statement of
the atomic verb that did it; a bulk verb sends one signal with ``subjects=[…]`` and, in the same order, ``each=[{…}, …]``."""

from django.dispatch import Signal

file_uploaded = Signal()
version_uploaded = Signal()
upload_failed = Signal()
file_downloaded = Signal()
file_renamed = Signal()
file_moved = Signal()
file_copied = Signal()
file_binned = Signal()
file_restored = Signal()
version_restored = Signal()
note_added = Signal()
note_removed = Signal()
folder_created = Signal()
folder_renamed = Signal()
folder_moved = Signal()
folder_copied = Signal()
folder_binned = Signal()
folder_restored = Signal()
folder_view_only_set = Signal()
folder_set_made = Signal()
folder_set_changed = Signal()
folder_set_deleted = Signal()
folder_set_applied = Signal()
