"""What happens to files that answer a question."""

from functools import partial

from django.db import transaction

from files import signals as files
from organizer.models import Attachment, Organizer


def connect():
    for signal in (files.file_binned, files.file_restored):
        signal.connect(_files_moved, dispatch_uid="organizer.files_moved")


def _files_moved(sender, *, subjects, **kwargs):
    """Once it is so: whoever saves answers locks the organizer before folders, and who moves files the folders first."""
    ids = Attachment.objects.filter(file__in=subjects, organizer__status__in=Organizer.WITH_CLIENT)
    ids = list(ids.order_by().values_list("organizer", flat=True).distinct())
    if ids:
        transaction.on_commit(partial(_count_again, ids), robust=True)


def _count_again(ids):
    for organizer in Organizer.objects.filter(pk__in=ids).order_by("pk"):
        organizer.count_again()
