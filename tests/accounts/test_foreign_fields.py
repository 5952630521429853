"""Fields and ids that are not for a person, posted along with a form's own: the rows of all tables differ by what the form
is for, and by nothing else."""

from types import SimpleNamespace

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.urls import reverse

from accounts.models import Assignment, Client, Firm, Membership, Role, User
from files.models import Cabinet, File, Folder, Version
from tests.conftest import PASSWORD, join, put_file

NEW_PASSWORD = "staple battery horse correct"
# What is compared, and how a row that is new is told
TABLES = {
    User: ("email", "role", "is_active", "joined_at", "is_demonstration", "may_see_all_clients", "may_view_files"),
    Client: ("name", "archived_at", "deleted_at"),
    Membership: ("client__name", "user__email"),
    Assignment: ("client__name", "user__email", "is_notified"),
    EmailAddress: ("user__email", "email", "verified"),
    Firm: ("name",),
    Cabinet: ("client__name",),
    Folder: ("cabinet__client__name", "name", "parent__name"),
    File: ("folder__cabinet__client__name", "name", "binned_at"),
    Version: ("file__folder__cabinet__client__name", "by__email", "number"),
}
# These follow from the rows
COUNTERS = {field.name for field in Cabinet._meta.fields if field.name.endswith(("_bytes", "_count", "last_sent_at"))}
KEPT_RIGHTS = {"may_view_files": "on", "may_send_files": "on", "may_delete_files": "on", "may_use_organizer": "on"}


def rows():
    return {
        (table, row["id"]): {name: row[name] for name in row if name not in COUNTERS}
        for table in TABLES
        for row in table.objects.values()
    }


def differences(before, after):
    """In words: which rows are new or gone, and which fields of the others differ."""
    found = set()
    for table, pk in before | after:
        old, new = before.get((table, pk)), after.get((table, pk))
        if old is None:
            telling = table.objects.values_list(*TABLES[table]).get(pk=pk)
            found.add(f"new {table.__name__}: {' '.join(map(str, telling))}")
        elif new is None:
            found.add(f"gone {table.__name__}: {old}")
        else:
            label = old.get("email") or old.get("name") or pk
            found |= {f"{table.__name__} {label}: {name}" for name in old if old[name] != new[name]}
    return found


@pytest.fixture
def things(cast, w2):
    """The cast, with a second administrator, files of both clients, one of each in the bin, and somebody invited."""
    join("paul@firm.example.com", Role.ADMINISTRATOR)
    invited, token = cast.acme.invite("amara@acme.example.com", name="Amara", by=cast.administrator)
    theirs = put_file(cast.other.cabinet.top, "Lease.pdf", by=cast.stranger)
    binned = put_file(cast.acme.cabinet.top, "Old.pdf", by=cast.client)
    their_binned = put_file(cast.other.cabinet.top, "Older.pdf", by=cast.stranger)
    File.move_all_to_bin([binned, their_binned], by=cast.administrator)
    return SimpleNamespace(
        **vars(cast), w2=w2, theirs=theirs, binned=binned, their_binned=their_binned, invited=invited, token=token
    )


def foreign(things):
    """Fields of every table, and whoever and whatever is the client Other's."""
    theirs = {
        **dict.fromkeys(("id", "pk", "user", "user_id", "user_pk", "person", "owner"), things.stranger.pk),
        **dict.fromkeys(("client", "client_id", "clients", "assigned_clients", "memberships"), things.other.pk),
        **dict.fromkeys(("folder", "folder_id", "parent", "parent_id"), things.theirs.folder_id),
        **dict.fromkeys(("file", "file_id", "current", "versions"), things.theirs.pk),
        **dict.fromkeys(("cabinet", "cabinet_id"), things.theirs.folder.cabinet_id),
        **dict.fromkeys(("by", "by_id", "created_by"), things.administrator.pk),
    }
    moments = dict.fromkeys(
        ("created_at", "joined_at", "locked_until", "deleted_at", "archived_at", "binned_at", "last_login", "at"),
        "2031-01-01 00:00",
    )
    rights = {"may_see_all_clients": "on", "may_read_reports": "False", "may_view_files": "False"}
    states = {"is_staff": "on", "is_superuser": "on", "is_active": "False", "is_demonstration": "on", "role": "auditor"}
    others = {"email": "taken.over@example.com", "former_email": "taken.over@example.com", "name": "Taken Over"}
    addresses = {"verified": "on", "primary": "on", "password": "taken over by another", "number": "7"}
    return {**theirs, **moments, **rights, **states, **others, **addresses}


def at(name, *things):
    return reverse(name, args=[getattr(thing, "pk", thing) for thing in things])


def link_to_a_new_password(user):
    return at("account_reset_password_from_key", user_pk_to_url_str(user), default_token_generator.make_token(user))


def password(**more):
    return {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD, **more}


DANA, NGOZI, AMARA = "dana@firm.example.com", "ngozi@acme.example.com", "amara@acme.example.com"
ACME, BAKERY, W2, OLD = "Acme Dental PC", "New Bakery LLC", "File W-2 2025.pdf", "File Old.pdf"
# Who posts where, what is theirs to post, and what differs then
ACCEPTED = {
    "profile": lambda t: (
        *("client", at("profile"), {"name": "Ngozi", "time_zone": "Asia/Tokyo", "file_notices": "daily"}),
        {f"User {NGOZI}: {field}" for field in ("name", "time_zone", "file_notices", "gets_receipts")},
    ),
    "e-mail": lambda t: (
        *("client", at("account_email"), {"email": "ngozi@home.example.com"}),
        {f"new EmailAddress: {NGOZI} ngozi@home.example.com False"},
    ),
    "password": lambda t: (
        *("client", at("account_change_password"), password(oldpassword=PASSWORD)),
        {f"User {NGOZI}: password"},
    ),
    "password by link": lambda t: (
        *("nobody", link_to_a_new_password(t.client), password()),
        {f"User {NGOZI}: password"},
    ),
    "link asked for": lambda t: ("nobody", at("account_reset_password"), {"email": NGOZI}, set()),
    "password again": lambda t: ("client", at("account_reauthenticate"), {"password": PASSWORD}, set()),
    "invitation": lambda t: (
        *("nobody", at("invitation", t.token), {"name": "Amara O.", "password": NEW_PASSWORD}),
        {
            *(f"User {AMARA}: {field}" for field in ("name", "password", "is_active", "joined_at")),
            f"new EmailAddress: {AMARA} {AMARA} True",
        },
    ),
    "person": lambda t: (
        *("firm_user", at("person-change", t.client), {"name": "Ngozi", **KEPT_RIGHTS, "may_delete_files": "False"}),
        {f"User {NGOZI}: name", f"User {NGOZI}: may_delete_files"},
    ),
    "person, by an administrator": lambda t: (
        *("administrator", at("person-change", t.client), {"name": "Ngozi", **KEPT_RIGHTS}),
        {f"User {NGOZI}: name"},
    ),
    "administrator themselves": lambda t: (
        *("administrator", at("person-change", t.administrator), {"name": "Ruth", "role": "firm_user"}),
        {"User ruth@firm.example.com: name"},
    ),
    "somebody new": lambda t: (
        *("firm_user", at("client-people", t.acme), {"name": "Ida", "email": "ida@acme.example.com"}),
        {
            "new User: ida@acme.example.com client_user False None False False True",
            f"new Membership: {ACME} ida@acme.example.com",
        },
    ),
    "somebody of the firm": lambda t: (
        *("administrator", at("firm-user-new"), {"name": "Ida", "email": "ida@example.com", "role": "firm_user"}),
        {"new User: ida@example.com firm_user False None False False True"},
    ),
    "client": lambda t: (
        *(
            "firm_user",
            at("client-change", t.acme),
            {"name": "Acme LLC", **dict.fromkeys(("firm_users", "notified"), [t.firm_user.pk])},
        ),
        {f"Client {ACME}: name"},
    ),
    "new client": lambda t: (
        *("firm_user", at("client-new"), {"name": BAKERY}),
        {
            f"new Client: {BAKERY} None None",
            f"new Assignment: {BAKERY} {DANA} True",
            f"new Cabinet: {BAKERY}",
            f"new Folder: {BAKERY} {BAKERY} None",
        },
    ),
    "upload": lambda t: (
        *("client", at("folder-files", t.w2.folder), {"files": SimpleUploadedFile("New.pdf", b"%PDF-1.4 new")}),
        {f"new File: {ACME} New.pdf None", f"new Version: {ACME} {NGOZI} 1"},
    ),
    "folder": lambda t: (
        *("client", at("folder-folders", t.w2.folder), {"name": "2025"}),
        {f"new Folder: {ACME} 2025 {ACME}"},
    ),
    "file's name": lambda t: (
        *("client", at("file-name", t.w2), {"name": "Wages.pdf"}),
        {f"{W2}: name", f"{W2}: former_names"},
    ),
    "file to the bin": lambda t: (
        *("client", at("file-bin", t.w2), {}),
        {f"{W2}: binned_at", f"{W2}: binned_by_id"},
    ),
    "files to the bin": lambda t: (
        *("client", at("folder-bin", t.w2.folder), {"file": [t.theirs.pk, t.w2.pk]}),
        {f"{W2}: binned_at", f"{W2}: binned_by_id"},
    ),
    "file from the bin": lambda t: (
        *("client", at("file-restore", t.binned), {"file": t.their_binned.pk, "file_id": t.their_binned.pk}),
        {f"{OLD}: binned_at", f"{OLD}: binned_by_id"},
    ),
}
# Who posts where, and what is theirs, so that it might be taken for the address's own
REFUSED = {
    "upload to another's folder": lambda t: (
        *("client", at("folder-files", t.theirs.folder)),
        {"files": SimpleUploadedFile("New.pdf", b"%PDF-1.4 new"), "folder": t.w2.folder_id},
    ),
    "folder in another's": lambda t: ("client", at("folder-folders", t.theirs.folder), {"parent": t.w2.folder_id}),
    "another's file's name": lambda t: ("client", at("file-name", t.theirs), {"file": t.w2.pk}),
    "another's file to the bin": lambda t: ("client", at("file-bin", t.theirs), {"file": t.w2.pk}),
    "files of another's folder": lambda t: ("client", at("folder-bin", t.theirs.folder), {"file": [t.w2.pk]}),
    "another's file from the bin": lambda t: ("client", at("file-restore", t.their_binned), {"file": t.binned.pk}),
    "oneself as a person": lambda t: ("client", at("person-change", t.client), {"role": "administrator"}),
    "firm user themselves": lambda t: ("firm_user", at("person-change", t.firm_user), {"role": "administrator"}),
    "another firm user": lambda t: ("firm_user", at("person-change", t.unassigned), {"role": "administrator"}),
    "another's person": lambda t: ("firm_user", at("person-change", t.stranger), {"user_id": t.client.pk}),
    "another's person removed": lambda t: ("firm_user", at("client-person-removal", t.acme, t.stranger), {}),
    "one's person removed from another": lambda t: ("firm_user", at("client-person-removal", t.other, t.client), {}),
    "somebody new at another": lambda t: (
        *("firm_user", at("client-people", t.other)),
        {"name": "Ida", "email": "ida@acme.example.com", "client": t.acme.pk},
    ),
    "another client": lambda t: ("firm_user", at("client-change", t.other), {"name": "X", "client": t.acme.pk}),
    "somebody of the firm": lambda t: (
        *("firm_user", at("firm-user-new")),
        {"name": "Ida", "email": "ida@example.com", "role": "administrator"},
    ),
    "a team of others": lambda t: (
        *("firm_user", at("client-change", t.acme)),
        {"name": "X", "firm_users": [t.client.pk, t.administrator.pk, t.auditor.pk]},
    ),
}
# For everybody of the role; by the form, which says why
OTHERWISE_REFUSED = {"oneself as a person": 403, "somebody of the firm": 403, "a team of others": 200}


def post(things, who, address, data):
    """As a person does who just signed in, or is nobody, and opened the page. Returns the status, and what differs."""
    browser = Browser()
    if who != "nobody":
        browser.post("/account/login/", {"login": getattr(things, who).email, "password": PASSWORD})
    before = rows()
    opened = browser.get(address, follow=True).request["PATH_INFO"]
    status = browser.post(opened, {**foreign(things), **data}).status_code
    return status, differences(before, rows())


@pytest.mark.parametrize("name", ACCEPTED)
def test_only_what_the_form_is_for_is_changed(things, name):
    who, address, data, expected = ACCEPTED[name](things)

    assert post(things, who, address, data) == (302, expected)


@pytest.mark.parametrize("name", REFUSED)
def test_ones_own_ids_open_nothing_of_anothers(things, name):
    assert post(things, *REFUSED[name](things)) == (OTHERWISE_REFUSED.get(name, 404), set())
