"""What a person may do, decided here and nowhere else: pages, queries and navigation all ask ``user.may(Right.…)``."""

from functools import cache
from types import SimpleNamespace

from django.db import models


class Right(models.TextChoices):
    """A right is a field of the user, named ``may_`` and its value."""

    VIEW_FILES = "view_files", "See and download files"
    SEND_FILES = "send_files", "Send files and make folders"
    DELETE_FILES = "delete_files", "Rename, delete and put back files"
    USE_ORGANIZER = "use_organizer", "Use the Tax Organizer"
    EDIT_TEMPLATES = "edit_templates", "Edit the Tax Organizer’s templates"
    READ_REPORTS = "read_reports", "Read Activity and Usage"
    SEE_ALL_CLIENTS = "see_all_clients", "See all clients, not only those looked after"

    @property
    def field(self):
        return f"may_{self.value}"


SHORT = {  # for a cell of a table
    Right.VIEW_FILES: "see files",
    Right.SEND_FILES: "send",
    Right.DELETE_FILES: "delete",
    Right.USE_ORGANIZER: "organizer",
    Right.EDIT_TEMPLATES: "templates",
    Right.READ_REPORTS: "reports",
    Right.SEE_ALL_CLIENTS: "all clients",
}
FILE_RIGHTS = (Right.VIEW_FILES, Right.SEND_FILES, Right.DELETE_FILES)
# The rights that are given person by person. Administrators have every right; auditors read the logs and no files.
CHOSEN = {"firm_user": tuple(Right), "client_user": (*FILE_RIGHTS, Right.USE_ORGANIZER)}
FIXED = {"administrator": frozenset(Right), "auditor": frozenset({Right.READ_REPORTS, Right.SEE_ALL_CLIENTS})}


def has_right(user, right):
    if user.role in FIXED:
        return right in FIXED[user.role]
    if right in (Right.SEND_FILES, Right.DELETE_FILES) and not user.may_view_files:
        return False
    return right in CHOSEN[user.role] and getattr(user, right.field)


@cache
def in_short(code):
    """The rights of whoever has this ``rights_code``, in a few words."""
    role, flags = code.split(":")
    person = SimpleNamespace(role=role, **{right.field: flag == "1" for right, flag in zip(Right, flags, strict=True)})
    return ", ".join(SHORT[right] for right in Right if has_right(person, right)).capitalize() or "None"
