"""What happened to files. All have one shape: ``send(Model, subject=object, by=user, …)``, sent as the last statement of
the atomic verb that did it; a bulk verb sends one signal with ``subjects=[…]`` and, in the same order, ``each=[{…}, …]``."""

from django.dispatch import Signal

file_uploaded = Signal()
version_uploaded = Signal()
upload_failed = Signal()
upload_given_up = Signal()
file_downloaded = Signal()
file_previewed = Signal()
zip_broken_off = Signal()
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

# With ``document``, the line of the request that they are about
document_received = Signal()
document_returned = Signal()
document_declined = Signal()

request_made = Signal()
request_changed = Signal()
request_closed = Signal()
request_reopened = Signal()

link_made = Signal()
link_sent_again = Signal()
link_revoked = Signal()
link_code_asked = Signal()
link_code_failed = Signal()
link_confirmed = Signal()
# Of strangers, as often as they like: a link was looked at, or one that does not work was tried (``subject`` may be None)
link_opened = Signal()
link_refused = Signal()
file_purged = Signal()
version_removed = Signal()
quota_changed = Signal()
hold_placed = Signal()
hold_lifted = Signal()
rule_made = Signal()
rule_ended = Signal()
files_announced = Signal()
counters_repaired = Signal()

announcement_due = Signal()  # people are to be told of it: ``counts``, {client's id: files}

# What the portal found by itself, ``by=None``, with ``versions=[…]`` beside the files that they are of
file_checked = Signal()
file_quarantined = Signal()
file_not_scanned = Signal()
file_damaged = Signal()
file_released = Signal()  # with ``versions=[…]`` too, by whoever answers for it

# Not for the log: ``subjects`` are the versions that arrived in one go, whose sender is owed a receipt
receipts_due = Signal()
