"""Where what an event tells of can still be looked at."""

from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.models import Client, User
from files.models import Cabinet, File, Folder, Request

KINDS = {  # what an event calls it: the model, the address of its page, and whether auditors may open that
    "file": (File, "file"),
    "folder": (Folder, "folder"),
    "request": (Request, "request"),
    "cabinet": (Cabinet, "cabinet"),
    "client": (Client, "client"),
    "user": (User, "person"),
}


def place_of(event, reader):
    """The address of what the event is about, while it exists and ``reader`` may see it; else None. Auditors read logs only."""
    if event.subject_type not in KINDS or reader.is_auditor:
        return None
    model, page = KINDS[event.subject_type]
    try:
        is_there = model.objects.visible_to(reader).filter(pk=event.subject_id).exists()
    except (ValidationError, ValueError):  # an id of another kind
        return None
    return reverse(page, args=[event.subject_id]) if is_there else None
