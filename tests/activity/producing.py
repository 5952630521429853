"""How each action comes into the log: by the portal's own pages, commands and tasks, as somebody uses them.

A function of PRODUCED takes fixtures by name, and does what is said before and then the act itself.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from pyrage import x25519

from activity.actions import Action
from activity.receipts import receipt_of
from activity.restores import tell_of_restore
from activity.verification import check, open_break
from files.models import Cabinet, File, FolderSet, RetentionRule, Version
from files.storage import storage
from portal.console import Console
from reports.models import SavedView, Schedule
from tests.accounts.lists import imported
from tests.accounts.test_firm_settings import AS_IS
from tests.accounts.test_second_factor import (
    MAKE_CODES,
    PASSKEY_SIGN_IN,
    REMOVE_APP,
    SECOND,
    forged,
    give_app,
    set_up,
)
from tests.activity import attack
from tests.conftest import PASSWORD, begin_upload, put_file
from tests.files.asking import GUEST, ask, linked
from tests.files.clamd import MARK, SEALED
from tests.organizer.asking import SSN, answer, published, sent, small
from tests.organizer.editing import drafted
from tests.reports.exported import leave
from tests.reports.saving import made
from tests.servers import Portal
from tests.working import do_what_waits

IP, USER_AGENT = "203.0.113.9", "Telescope 1.0"
LOGIN, NEW_PASSWORD, NEW_EMAIL = "/account/login/", "staple battery horse correct", "ngozi.new@acme.example.com"
SYSTEM, NOBODY = "system", ""
ORGANIZER = ("organizer", "Individual 2026")
ACME, ACME_PDF = "Acme Dental PC", "W-2 2025.pdf"

PRODUCED = {}
# SQLite has no roles to restrict, and is what is moved from
ELSEWHERE = {Action.LOG_RESTRICTED, Action.DATABASE_MOVED} if connection.vendor == "sqlite" else set()


@dataclass
class Produced:
    """What an event of the action must say: ``by`` is one of the cast, SYSTEM, or NOBODY."""

    act: object
    by: str
    subject: tuple
    client: str


def produces(action, *, by, subject=("", ""), client=""):
    def decorate(act):
        assert action not in PRODUCED
        PRODUCED[action] = Produced(act, by, subject, client)
        return act

    return decorate


def browser_of(person=None, **options):
    browser = Browser(REMOTE_ADDR=IP, HTTP_USER_AGENT=USER_AGENT, **options)
    if person:
        browser.force_login(person)
    return browser


def signed_in(person):
    """A browser that has given the person's password a moment ago."""
    browser = browser_of()
    browser.post(LOGIN, {"login": person.email, "password": PASSWORD})
    return browser


def mailed_path():
    return re.search(r"http://localhost:8000(/\S+)", mail.outbox[-1].body)[1]


def run(command, *arguments):
    Console(["manage.py", command, *arguments]).execute()


def address(page, *arguments):
    return reverse(page, args=[getattr(one, "pk", one) for one in arguments])


def post(person, page, *arguments, **fields):
    """The person posts the page, and it does as it is told."""
    answer = browser_of(person).post(address(page, *arguments), fields)
    assert answer.status_code in (200, 201, 302), answer.text
    return answer


def file_to_send(name=ACME_PDF, content=b"%PDF-1.4 wages"):
    return SimpleUploadedFile(name, content)


def send(cast, **options):
    return post(cast.client, "folder-files", cast.acme.cabinet.top, files=file_to_send(**options))


def work():
    """The worker does what is waiting."""
    call_command("work", batch=True)


def invite(cast, email="new@acme.example.com"):
    """An invited person who has not joined."""
    post(cast.administrator, "client-people", cast.acme, name="Nia Obi", email=email)
    return cast.acme.people.get(email=email)


# Signing in


@produces(Action.SIGNED_IN, by="client", client=ACME)
def sign_in_by_password(cast):
    assert signed_in(cast.client).get("/").status_code == 200


@produces(Action.SIGN_IN_FAILED, by="client", client=ACME)
def give_a_wrong_password(cast):
    browser_of().post(LOGIN, {"login": cast.client.email, "password": "wrong"})


@produces(Action.SIGN_IN_LIMITED, by="client", client=ACME)
def give_wrong_passwords(cast):
    browser = browser_of()
    for _ in range(8):
        browser.post(LOGIN, {"login": cast.client.email, "password": "wrong"})


@produces(Action.SIGNED_OUT, by="client", client=ACME)
def sign_out(cast):
    post(cast.client, "account_logout")


@produces(Action.SESSION_ENDED, by="client", subject=("user", "ngozi@acme.example.com"), client=ACME)
def leave_a_session_idle(cast):
    browser = browser_of(cast.client)
    session = browser.session
    session["seen_at"] = 0
    session.save()
    assert browser.get("/").url.startswith(LOGIN)


@produces(Action.PASSWORD_CHANGED, by="client", client=ACME)
def change_the_password(cast):
    passwords = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    post(cast.client, "account_change_password", **passwords)


@produces(Action.PASSWORD_RESET_ASKED, by="client", client=ACME)
def ask_for_a_new_password(cast):
    post(None, "account_reset_password", email=cast.client.email)


@produces(Action.PASSWORD_RESET, by="client", client=ACME)
def set_a_new_password(cast):
    ask_for_a_new_password(cast)
    do_what_waits()
    browser = browser_of()
    page = browser.get(mailed_path(), follow=True)
    browser.post(page.request["PATH_INFO"], {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})


@produces(Action.FACTOR_ADDED, by="client", client=ACME)
def add_an_app(cast):
    set_up(signed_in(cast.client))


@produces(Action.FACTOR_REMOVED, by="client", client=ACME)
def remove_the_app(cast):
    browser = signed_in(cast.client)
    set_up(browser)
    browser.post(REMOVE_APP)


@produces(Action.FACTOR_FAILED, by="client", client=ACME)
def show_a_passkey_that_does_not_fit(cast):
    browser = browser_of()
    browser.get(PASSKEY_SIGN_IN, headers={"Accept": "application/json"})
    browser.post(PASSKEY_SIGN_IN, {"credential": forged(cast.client)})


@produces(Action.RECOVERY_CODES_MADE, by="client", client=ACME)
def make_recovery_codes(cast):
    browser = signed_in(cast.client)
    set_up(browser)
    browser.post(MAKE_CODES)


@produces(Action.RECOVERY_CODE_USED, by="client", client=ACME)
def use_a_recovery_code(cast):
    code = give_app(cast.client)[0]
    signed_in(cast.client).post(f"{SECOND}?with=recovery-code", {"code": code})


@produces(Action.EMAIL_CHANGE_ASKED, by="client", subject=("user", "ngozi@acme.example.com"), client=ACME)
def ask_for_another_address(cast):
    signed_in(cast.client).post("/account/email/", {"email": NEW_EMAIL})


@produces(Action.EMAIL_CHANGED, by="client", subject=("user", NEW_EMAIL), client=ACME)
def follow_the_link_to_the_new_address(cast):
    ask_for_another_address(cast)
    browser_of().post(mailed_path())
    cast.client.refresh_from_db()


# Access


@produces(Action.ACCESS_DENIED, by="client", subject=("page", "/accounts/clients/new/"), client=ACME)
def open_a_page_for_others(cast):
    assert browser_of(cast.client).get("/accounts/clients/new/").status_code == 403


@produces(Action.FORM_REFUSED, by="client", client=ACME)
def send_a_form_without_its_token(cast):
    assert browser_of(cast.client, enforce_csrf_checks=True).post("/account/", {"name": "x"}).status_code == 403


@produces(Action.HOST_REFUSED, by=NOBODY, subject=("host", "evil.example.com"))
def ask_for_another_host(db):
    assert browser_of().get("/help/", HTTP_HOST="evil.example.com").status_code == 400


# Accounts


@produces(Action.USER_INVITED, by="administrator", subject=("user", "new@acme.example.com"), client=ACME)
def invite_a_person(cast):
    invite(cast)


@produces(Action.USER_JOINED, by="new", subject=("user", "new@acme.example.com"), client=ACME)
def join(cast):
    cast.new = invite(cast)
    browser_of().post(mailed_path(), {"name": "Nia Obi", "password": NEW_PASSWORD})


@produces(Action.INVITATION_REVOKED, by="administrator", subject=("user", "new@acme.example.com"), client=ACME)
def revoke_an_invitation(cast):
    post(cast.administrator, "person-revocation", invite(cast))


@produces(Action.USER_CHANGED, by="administrator", subject=("user", "dana@firm.example.com"))
def change_rights(cast):
    post(cast.administrator, "person-change", cast.firm_user, name="Dana Whitfield", role="administrator")


@produces(Action.USER_DEACTIVATED, by="administrator", subject=("user", "ngozi@acme.example.com"), client=ACME)
def deactivate(cast):
    post(cast.administrator, "person-deactivation", cast.client)


@produces(Action.USER_REACTIVATED, by="administrator", subject=("user", "ngozi@acme.example.com"), client=ACME)
def reactivate(cast):
    deactivate(cast)
    post(cast.administrator, "person-reactivation", cast.client)


@produces(Action.USER_DELETED, by="administrator", subject=("user", "ngozi@acme.example.com"), client=ACME)
def delete_a_person(cast):
    post(cast.administrator, "person-deletion", cast.client, yes="YES")


@produces(Action.USER_UNLOCKED, by="administrator", subject=("user", "ngozi@acme.example.com"), client=ACME)
def unlock(cast):
    give_wrong_passwords(cast)
    post(cast.administrator, "person-unlock", cast.client)


@produces(Action.MEMBER_ADDED, by="administrator", subject=("user", "marcus@other.example.com"), client=ACME)
def add_a_known_person(cast):
    post(cast.administrator, "client-people", cast.acme, name="Marcus Sandoval", email=cast.stranger.email)


@produces(Action.MEMBER_REMOVED, by="administrator", subject=("user", "daniel@acme.example.com"), client=ACME)
def remove_a_person(cast):
    post(cast.administrator, "client-person-removal", cast.acme, cast.second)


@produces(Action.FACTORS_RESET, by="administrator", subject=("user", "ngozi@acme.example.com"), client=ACME)
def reset_factors(cast):
    give_app(cast.client)
    post(cast.administrator, "person-factors-reset", cast.client)


@produces(Action.PROFILE_CHANGED, by="client", subject=("user", "ngozi@acme.example.com"), client=ACME)
def change_ones_profile(cast):
    post(cast.client, "profile", name="Ngozi Adeyemi", time_zone="", file_notices="daily")


@produces(Action.CLIENT_CREATED, by="administrator", subject=("client", "Lindqvist Trust"), client="Lindqvist Trust")
def add_a_client(cast):
    post(cast.administrator, "client-new", name="Lindqvist Trust")


@produces(Action.CLIENTS_IMPORTED, by="administrator", subject=("importbatch", "clients.csv"))
def import_clients(cast):
    imported(browser_of(cast.administrator), [["Lindqvist Trust", "", "", ""]])


@produces(Action.CLIENT_CHANGED, by="administrator", subject=("client", "Acme Dental"), client="Acme Dental")
def change_a_client(cast):
    post(cast.administrator, "client-change", cast.acme, name="Acme Dental", firm_users=[cast.firm_user.pk])


@produces(Action.CLIENT_ARCHIVED, by="administrator", subject=("client", ACME), client=ACME)
def archive_a_client(cast):
    post(cast.administrator, "client-archive", cast.acme)


@produces(Action.CLIENT_REACTIVATED, by="administrator", subject=("client", ACME), client=ACME)
def reactivate_a_client(cast):
    archive_a_client(cast)
    post(cast.administrator, "client-reactivation", cast.acme)


@produces(Action.CLIENT_DELETED, by="administrator", subject=("client", ACME), client=ACME)
def delete_a_client(cast):
    post(cast.administrator, "client-deletion", cast.acme, yes="YES")


@produces(Action.SETTINGS_CHANGED, by="administrator", subject=("firm", "Larkin & Voss"))
def change_the_firms_settings(cast):
    post(cast.administrator, "firm-settings", **{**AS_IS, "name": "Larkin & Voss"})


# Files


@produces(Action.FILE_UPLOADED, by="client", subject=("file", ACME_PDF), client=ACME)
def send_a_file(cast):
    send(cast)


@produces(Action.VERSION_UPLOADED, by="client", subject=("file", ACME_PDF), client=ACME)
def send_a_file_again(cast):
    send(cast)
    send(cast, content=b"%PDF-1.4 corrected")


@produces(Action.UPLOAD_FAILED, by="client", subject=("folder", "Acme Dental PC"), client=ACME)
def send_too_large_a_file(cast, settings):
    settings.MAX_UPLOAD_BYTES = 10
    folder = cast.acme.cabinet.top
    answer = browser_of(cast.client).post(address("folder-files", folder), {"files": file_to_send()})
    assert answer.status_code == 413


@produces(Action.UPLOAD_GIVEN_UP, by="client", subject=("upload", "Ledger.qbb"), client=ACME)
def give_up_an_upload(cast):
    post(cast.client, "upload-end", begin_upload(cast.acme.cabinet.top, by=cast.client))


@produces(Action.FILE_DOWNLOADED, by="client", subject=("file", ACME_PDF), client=ACME)
def fetch_a_file(cast, w2):
    assert b"".join(browser_of(cast.client).get(address("file-download", w2))) == b"%PDF-1.4 wages"


@produces(Action.FILE_PREVIEWED, by="client", subject=("file", ACME_PDF), client=ACME)
def look_into_a_file(cast, w2):
    b"".join(browser_of(cast.client).get(address("file-preview-content", w2)))


@produces(Action.ZIP_BROKEN_OFF, by="client", subject=("folder", ACME), client=ACME)
def leave_a_zip(cast, w2):
    leave(browser_of(cast.client).get(address("folder-zip", w2.folder)))


@produces(Action.FILE_RENAMED, by="client", subject=("file", "Wages.pdf"), client=ACME)
def rename_a_file(cast, w2):
    post(cast.client, "file-name", w2, name="Wages.pdf")


@produces(Action.FILE_BINNED, by="client", subject=("file", ACME_PDF), client=ACME)
def bin_a_file(cast, w2):
    post(cast.client, "file-bin", w2)


@produces(Action.FILE_RESTORED, by="client", subject=("file", ACME_PDF), client=ACME)
def put_a_file_back(cast, w2):
    bin_a_file(cast, w2)
    post(cast.client, "file-restore", w2)


@produces(Action.FOLDER_CREATED, by="client", subject=("folder", "Payroll"), client=ACME)
def make_a_folder(cast):
    post(cast.client, "folder-folders", cast.acme.cabinet.top, name="Payroll")


def folder_with_a_file(cast):
    """A folder of the client's, with a file that the client sent."""
    folder = cast.acme.cabinet.top.add_folder("Payroll", by=cast.client)
    put_file(folder, by=cast.client)
    return folder


def take(cast, act, **ticked):
    """What is ticked in the client's top folder is moved or copied into another."""
    top = cast.acme.cabinet.top
    into = top.add_folder("2024", by=cast.client)
    post(cast.client, "folder-move", top, into=into.pk, act=act, **{name: one.pk for name, one in ticked.items()})


@produces(Action.FILE_MOVED, by="client", subject=("file", ACME_PDF), client=ACME)
def move_a_file(cast, w2):
    take(cast, "move", file=w2)


@produces(Action.FILE_COPIED, by="client", subject=("file", ACME_PDF), client=ACME)
def copy_a_file(cast, w2):
    take(cast, "copy", file=w2)


@produces(Action.VERSION_RESTORED, by="client", subject=("file", ACME_PDF), client=ACME)
def make_a_version_current(cast, w2):
    send(cast, content=b"%PDF-1.4 corrected")
    post(cast.client, "file-current", w2, version=1)


@produces(Action.NOTE_ADDED, by="client", subject=("file", ACME_PDF), client=ACME)
def leave_a_note(cast, w2):
    post(cast.client, "file-notes", w2, text="Box 1 is smudged")


@produces(Action.NOTE_REMOVED, by="client", subject=("file", ACME_PDF), client=ACME)
def remove_a_note(cast, w2):
    leave_a_note(cast, w2)
    post(cast.client, "file-note-removal", w2, note=w2.notes.get().pk)


@produces(Action.FOLDER_RENAMED, by="client", subject=("folder", "Wages"), client=ACME)
def rename_a_folder(cast):
    post(cast.client, "folder-name", folder_with_a_file(cast), name="Wages")


@produces(Action.FOLDER_MOVED, by="client", subject=("folder", "Payroll"), client=ACME)
def move_a_folder(cast):
    take(cast, "move", folder=folder_with_a_file(cast))


@produces(Action.FOLDER_COPIED, by="client", subject=("folder", "Payroll"), client=ACME)
def copy_a_folder(cast):
    take(cast, "copy", folder=folder_with_a_file(cast))


@produces(Action.FOLDER_BINNED, by="client", subject=("folder", "Payroll"), client=ACME)
def bin_a_folder(cast):
    post(cast.client, "folder-bin", cast.acme.cabinet.top, folder=folder_with_a_file(cast).pk)


@produces(Action.FOLDER_RESTORED, by="client", subject=("folder", "Payroll"), client=ACME)
def put_a_folder_back(cast):
    bin_a_folder(cast)
    folder = cast.acme.cabinet.folders.get(name="Payroll")
    post(cast.client, "cabinet-restore", cast.acme.cabinet, folder=folder.pk)


@produces(Action.FOLDER_VIEW_ONLY_SET, by="firm_user", subject=("folder", ACME), client=ACME)
def let_clients_only_look(cast):
    post(cast.firm_user, "folder-view-only", cast.acme.cabinet.top, is_view_only="yes")


RETURN = {"title": "Return", "folders": "{year} Tax Return/Source documents"}


@produces(Action.FOLDER_SET_MADE, by="administrator", subject=("folderset", "Return"))
def make_a_folder_set(cast):
    post(cast.administrator, "folder-set-new", **RETURN)
    return FolderSet.objects.get()


@produces(Action.FOLDER_SET_CHANGED, by="administrator", subject=("folderset", "Return"))
def change_a_folder_set(cast):
    post(cast.administrator, "folder-set", make_a_folder_set(cast), **RETURN, is_for_new_clients="on")


@produces(Action.FOLDER_SET_DELETED, by="administrator", subject=("folderset", "Return"))
def delete_a_folder_set(cast):
    post(cast.administrator, "folder-set-deletion", make_a_folder_set(cast), yes="YES")


@produces(Action.FOLDER_SET_APPLIED, by="firm_user", subject=("folder", ACME), client=ACME)
def make_the_folders_of_a_set(cast):
    one = make_a_folder_set(cast)
    post(cast.firm_user, "cabinet-folder-sets", cast.acme.cabinet, folder_set=one.pk)


# Requests, and links for who has no account

LINES = {"documents-TOTAL_FORMS": "1", "documents-INITIAL_FORMS": "0", "documents-0-name": "W-2"}
ASKED = ("request", "2025 tax return")
LINKED = ("requestlink", "Appraisal")


@produces(Action.REQUEST_MADE, by="administrator", subject=ASKED, client=ACME)
def ask_for_documents(cast):
    top = cast.acme.cabinet.top
    post(cast.administrator, "request-new", top.cabinet, title="2025 tax return", folder=top.pk, **LINES)


@produces(Action.REQUEST_CHANGED, by="administrator", subject=ASKED, client=ACME)
def change_a_request(cast):
    asked = ask(cast, title="2024")
    post(cast.administrator, "request-change", asked, title="2025 tax return", folder=asked.folder_id, **LINES)


@produces(Action.REQUEST_CLOSED, by="administrator", subject=ASKED, client=ACME)
def close_a_request(cast):
    asked = ask(cast)
    post(cast.administrator, "request-close", asked)
    return asked


@produces(Action.REQUEST_REOPENED, by="administrator", subject=ASKED, client=ACME)
def reopen_a_request(cast):
    post(cast.administrator, "request-reopen", close_a_request(cast))


@produces(Action.DOCUMENT_RECEIVED, by="client", subject=ASKED, client=ACME)
def send_a_document(cast):
    document = ask(cast).documents.first()
    post(cast.client, "requested-files", document, files=file_to_send())
    return document


@produces(Action.DOCUMENT_RETURNED, by="administrator", subject=ASKED, client=ACME)
def ask_for_a_document_again(cast):
    post(cast.administrator, "requested-again", send_a_document(cast), because="Page 2 is missing")


@produces(Action.DOCUMENT_DECLINED, by="client", subject=ASKED, client=ACME)
def answer_without_a_document(cast):
    post(cast.client, "requested-answer", ask(cast).documents.first(), because="No mortgage")


@produces(Action.LINK_MADE, by="administrator", subject=LINKED, client=ACME)
def make_a_link(cast):
    top = cast.acme.cabinet.top
    until = timezone.localdate() + timedelta(days=5)
    fields = {"email": GUEST, "title": "Appraisal", "folder": top.pk, "until": until, "most_files": "3"}
    post(cast.administrator, "link-new", top.cabinet, **fields)


@produces(Action.LINK_SENT_AGAIN, by="administrator", subject=LINKED, client=ACME)
def send_a_link_again(cast):
    link, _ = linked(cast)
    post(cast.administrator, "link-again", cast.acme.cabinet, link)


@produces(Action.LINK_REVOKED, by="administrator", subject=LINKED, client=ACME)
def revoke_a_link(cast):
    link, token = linked(cast)
    post(cast.administrator, "link-revocation", cast.acme.cabinet, link)
    return token


@produces(Action.LINK_OPENED, by=GUEST, subject=LINKED, client=ACME)
def open_a_link(cast):
    browser_of().get(address("request-link", linked(cast)[1]))


@produces(Action.LINK_REFUSED, by=GUEST, subject=LINKED, client=ACME)
def open_a_revoked_link(cast):
    assert browser_of().get(address("request-link", revoke_a_link(cast))).status_code == 410


@produces(Action.LINK_CODE_ASKED, by=GUEST, subject=LINKED, client=ACME)
def ask_for_a_code(cast):
    post(None, "request-link", linked(cast)[1])


@produces(Action.LINK_CODE_FAILED, by=GUEST, subject=LINKED, client=ACME)
def enter_a_wrong_code(cast):
    post(None, "request-link-code", linked(cast)[1], code="000000")


@produces(Action.LINK_CONFIRMED, by=GUEST, subject=LINKED, client=ACME)
def enter_the_code(cast):
    link, token = linked(cast)
    post(None, "request-link-code", token, code=link.new_code())


def empty_the_bin(cast):
    post(cast.firm_user, "cabinet-bin-emptying", cast.acme.cabinet, yes="YES")


@produces(Action.FILE_PURGED, by="firm_user", subject=("file", ACME_PDF), client=ACME)
def delete_a_file_for_good(cast, w2):
    bin_a_file(cast, w2)
    empty_the_bin(cast)


@produces(Action.VERSION_REMOVED, by="firm_user", subject=("file", ACME_PDF), client=ACME)
def delete_a_version_for_good(cast, w2):
    send(cast, content=b"%PDF-1.4 corrected")
    post(cast.firm_user, "version-deletion", w2, 1, yes="YES")


@produces(Action.QUOTA_CHANGED, by="administrator", subject=("cabinet", ACME), client=ACME)
def set_a_clients_quota(cast):
    post(cast.administrator, "cabinet-settings", cast.acme.cabinet, quota_gb="5")


def place_a_hold(cast):
    post(cast.administrator, "cabinet-hold", cast.acme.cabinet, reason="Subpoena")


@produces(Action.HOLD_PLACED, by="administrator", subject=("cabinet", ACME), client=ACME)
def hold_a_cabinet(cast):
    place_a_hold(cast)


@produces(Action.HOLD_LIFTED, by="administrator", subject=("cabinet", ACME), client=ACME)
def lift_a_hold(cast):
    place_a_hold(cast)
    post(cast.administrator, "cabinet-hold-end", cast.acme.cabinet)


@produces(Action.RULE_MADE, by="administrator", subject=("retentionrule", "Seven years"))
def make_a_rule(cast):
    post(cast.administrator, "retention-new", name="Seven years", months="84", notice_days="30", sure="1")


@produces(Action.RULE_ENDED, by="administrator", subject=("retentionrule", "Seven years"))
def end_a_rule(cast):
    make_a_rule(cast)
    post(cast.administrator, "retention-end", RetentionRule.objects.get())


@produces(Action.RETENTION_ANNOUNCED, by=SYSTEM, subject=("retentionrule", "Seven years"), client=ACME)
def let_a_rule_announce(cast, w2):
    make_a_rule(cast)
    Version.objects.update(at=timezone.now() - timedelta(days=9 * 365))
    call_command("housekeeping")


@produces(Action.COUNTERS_REPAIRED, by=SYSTEM, subject=("cabinet", ACME), client=ACME)
def repair_counters(cast):
    Cabinet.objects.filter(client=cast.acme).update(binned_bytes=1)
    call_command("check_files", repair_counters=True)


@produces(Action.FILE_CHECKED, by=SYSTEM, subject=("file", ACME_PDF), client=ACME)
def check_a_file(cast, clamd):
    send(cast)


@produces(Action.FILE_QUARANTINED, by=SYSTEM, subject=("file", ACME_PDF), client=ACME)
def quarantine_a_file(cast, clamd):
    send(cast, content=MARK)


@produces(Action.FILE_NOT_SCANNED, by=SYSTEM, subject=("file", ACME_PDF), client=ACME)
def send_what_cannot_be_scanned(cast, clamd):
    send(cast, content=SEALED)


@produces(Action.FILE_DAMAGED, by=SYSTEM, subject=("file", ACME_PDF), client=ACME)
def find_a_file_damaged(cast, clamd):
    clamd.reply = lambda content: None
    send(cast)
    version = Version.objects.get()
    storage().path(version.storage_key).write_bytes(b"%PDF-1.4 gages")
    work()


@produces(Action.FILE_RELEASED, by="firm_user", subject=("file", ACME_PDF), client=ACME)
def release_a_file(cast, clamd):
    send_what_cannot_be_scanned(cast, clamd)
    post(cast.firm_user, "file-release", File.objects.get(), why="They told me its password")


# The Tax Organizer, as a client fills it in


def organizer_page(cast, page, *arguments, **fields):
    """The client opens the organizer's page, or posts it; returns the Organizer."""
    organizer = sent(cast)
    if fields:
        post(cast.client, page, organizer, *arguments, **fields)
    else:
        browser_of(cast.client).get(address(page, organizer, *arguments))
    return organizer


@produces(Action.ORGANIZER_OPENED, by="client", subject=ORGANIZER, client=ACME)
def open_an_organizer(cast):
    organizer_page(cast, "organizer")


@produces(Action.ORGANIZER_STARTED, by="client", subject=ORGANIZER, client=ACME)
def start_an_organizer(cast):
    organizer_page(cast, "organizer-section", "about", name="Ngozi", **{"name.seen": "0-"})


@produces(Action.SECTION_SAVED, by="client", subject=ORGANIZER, client=ACME)
def save_a_section(cast):
    organizer_page(cast, "organizer-section", "about", save="1")


@produces(Action.ORGANIZER_SUBMITTED, by="client", subject=ORGANIZER, client=ACME)
def submit_an_organizer(cast):
    organizer = sent(cast)
    answer(organizer, cast.client, name="Ngozi", is_married="no")
    post(cast.client, "organizer-submit", organizer, signature="Ngozi Okafor", agrees="on")


# Logs and exports


@produces(Action.RECEIPT_VERIFIED, by="client", subject=("file", ACME_PDF), client=ACME)
def verify_a_receipt(cast, w2):
    post(cast.client, "receipt-verification", receipt=receipt_of(w2.current).text)


@produces(Action.EXPORT_VERIFIED, by="auditor", subject=("event", re.compile(r"Activity Log, export \d+")))
def verify_an_export(cast):
    response = export(cast)
    digest = hashlib.sha256(b"".join(response.streaming_content)).hexdigest()
    post(cast.auditor, "export-verification", sha256=digest)


@produces(Action.LOG_VIEWED, by="auditor", subject=("report", "Activity Log"))
def view_the_log(cast):
    browser_of(cast.auditor).get("/activity/")


SIGN_INS = ("savedview", "Sign-ins")


def save_a_view(cast, **fields):
    browser_of(cast.auditor).post("/reports/new/activity-log/?area=sign-in", {"name": "Sign-ins", **fields})
    return SavedView.objects.get(name="Sign-ins")


@produces(Action.VIEW_SAVED, by="auditor", subject=SIGN_INS)
def keep_a_filter(cast):
    save_a_view(cast)


@produces(Action.VIEW_SHARED, by="auditor", subject=SIGN_INS)
def share_a_view(cast):
    save_a_view(cast, is_shared="on")


@produces(Action.VIEW_UNSHARED, by="administrator", subject=SIGN_INS)
def stop_sharing_a_view(cast):
    post(cast.administrator, "saved-view-change", save_a_view(cast, is_shared="on"), name="Sign-ins")


@produces(Action.VIEW_RENAMED, by="auditor", subject=("savedview", "Who came in"))
def rename_a_view(cast):
    post(cast.auditor, "saved-view-change", save_a_view(cast), name="Who came in")


@produces(Action.VIEW_DELETED, by="auditor", subject=SIGN_INS)
def delete_a_view(cast):
    post(cast.auditor, "saved-view-deletion", save_a_view(cast), yes="YES")


REPORT = ("schedule", "Sign-ins")
WEEKLY = {"name": "Sign-ins", "extension": "csv", "every": "week", "weekday": "0", "month_day": "1", "hour": "7"}


def schedule_a_report(cast):
    post(cast.auditor, "schedule-new", save_a_view(cast), **WEEKLY, recipients=[cast.auditor.pk])
    return Schedule.objects.get()


@produces(Action.SCHEDULE_MADE, by="auditor", subject=REPORT)
def have_a_report_made_every_week(cast):
    schedule_a_report(cast)


@produces(Action.SCHEDULE_CHANGED, by="administrator", subject=REPORT)
def change_a_schedule(cast):
    schedule = schedule_a_report(cast)
    fields = {**WEEKLY, "every": "day", "recipients": [cast.auditor.pk]}
    post(cast.administrator, "schedule-change", schedule, **fields)


@produces(Action.SCHEDULE_PAUSED, by="auditor", subject=REPORT)
def pause_a_schedule(cast):
    schedule = schedule_a_report(cast)
    post(cast.auditor, "schedule-pause", schedule)
    return schedule


@produces(Action.SCHEDULE_RESUMED, by="auditor", subject=REPORT)
def go_on_with_a_schedule(cast):
    post(cast.auditor, "schedule-resumption", pause_a_schedule(cast))


@produces(Action.SCHEDULE_DELETED, by="auditor", subject=REPORT)
def delete_a_schedule(cast):
    post(cast.auditor, "schedule-deletion", schedule_a_report(cast), yes="YES")


@produces(Action.SCHEDULE_RUN, by="auditor", subject=REPORT)
def have_a_report_made_now(cast):
    schedule = schedule_a_report(cast)
    post(cast.auditor, "schedule-runs", schedule)
    return schedule


@produces(Action.REPORT_FAILED, by=SYSTEM, subject=REPORT)
def make_a_report_for_whom_it_is_closed_to(cast):
    have_a_report_made_now(cast)
    cast.auditor.deactivate(by=cast.administrator)
    work()


@produces(Action.REPORT_FETCHED, by="auditor", subject=REPORT)
def fetch_a_scheduled_report(cast):
    run = made(schedule_a_report(cast), cast.auditor)
    assert b"".join(browser_of(cast.auditor).get(address("report-run-file", run)))


def export(cast):
    return browser_of(cast.auditor).get("/activity.csv")


@produces(Action.EXPORT_STARTED, by="auditor", subject=("report", "Activity Log"))
def start_an_export(cast):
    leave(export(cast))


@produces(Action.EXPORT_FINISHED, by="auditor", subject=("event", re.compile(r"Activity Log, export \d+")))
def finish_an_export(cast):
    b"".join(export(cast).streaming_content)


@produces(Action.EXPORT_BROKEN_OFF, by="auditor", subject=("event", re.compile(r"Activity Log, export \d+")))
def leave_an_export(cast):
    leave(export(cast))


@produces(Action.ORGANIZER_EXPORTED, by="firm_user", subject=("organizer", "Individual 2026"), client=ACME)
def take_an_organizer_away(cast):
    answer = browser_of(cast.firm_user).get(address("organizer-export", sent(cast), "docx"))
    assert answer.status_code == 200


# The system


@produces(Action.COMMAND_RUN, by=SYSTEM, subject=("command", "manage.py clearsessions"))
def run_a_command(portal_with_a_key):
    run("clearsessions")


# Templates of the Tax Organizer

TEMPLATE = ("template", "Individual 2026")


@produces(Action.TEMPLATE_MADE, by="administrator", subject=TEMPLATE)
def make_a_template(cast):
    file = SimpleUploadedFile("individual.json", json.dumps(small()).encode())
    post(cast.administrator, "organizer-template-new", begin="file", file=file)


@produces(Action.TEMPLATE_CHANGED, by="administrator", subject=TEMPLATE)
def put_a_section_first(cast):
    template = drafted(cast).template
    post(cast.administrator, "organizer-template-section-place", template, "money", up=0)


@produces(Action.TEMPLATE_PUBLISHED, by="administrator", subject=TEMPLATE)
def publish_a_template(cast):
    post(cast.administrator, "organizer-template-publication", drafted(cast).template)


@produces(Action.TEMPLATE_HELD, by="administrator", subject=TEMPLATE)
def put_a_template_on_hold(cast):
    post(cast.administrator, "organizer-template-hold", published(cast).template)


@produces(Action.TEMPLATE_DISCARDED, by="administrator", subject=TEMPLATE)
def discard_a_template(cast):
    post(cast.administrator, "organizer-template-deletion", drafted(cast).template, yes="YES")


@produces(Action.TEMPLATE_EXPORTED, by="administrator", subject=TEMPLATE)
def write_a_template_to_a_file(cast):
    browser_of(cast.administrator).get(address("organizer-template-file", published(cast).template, 1))


@produces(Action.PORTAL_PREPARED, by=SYSTEM, subject=("command", "manage.py prepare"))
def prepare(portal_with_a_key):
    run("prepare")


@produces(Action.INSTALLATION_TESTED, by="administrator", subject=("check", "Storage"))
def try_out_the_storage(cast):
    post(cast.administrator, "setup-step", "storage")


@produces(Action.SETUP_SETTLED, by="administrator", subject=("setup", "Backup"))
def skip_a_step_of_the_setup(cast):
    post(cast.administrator, "setup-step", "backup", skip="1")


@produces(Action.LOG_VERIFIED, by=SYSTEM, subject=("command", "manage.py verify_activity"))
def verify_the_log(portal_with_a_key):
    run("verify_activity")


@produces(Action.CHECKPOINT_MADE, by="administrator", subject=("checkpoint", ""))
def make_a_checkpoint(cast):
    post(cast.administrator, "integrity-checkpoints")


@produces(Action.LOG_ARCHIVED, by=SYSTEM, subject=("archive", re.compile(r"activity-1-\d+\.log\.gz")))
def archive_the_log(portal_with_a_key, tmp_path):
    run("archive_activity", "--keep", "--into", str(tmp_path))


@produces(Action.BREAK_ACKNOWLEDGED, by="administrator", subject=("event", re.compile(r"Event \d+")))
def acknowledge_a_break(cast):
    attack.drop_triggers()
    attack.change(1, subject="something else")
    check()
    post(cast.administrator, "integrity-acknowledgement", why="Restored by hand", verification=open_break().pk)


@produces(Action.BACKUP_MADE, by=SYSTEM, subject=("backup", re.compile(r"\d{8}T\d{6}Z")))
def make_a_backup(portal_with_a_key, tmp_path):
    run("backup", str(tmp_path / "backups"), f"--recipient={x25519.Identity.generate().to_public()}")


@produces(Action.BACKUP_FAILED, by=SYSTEM, subject=("command", "manage.py backup"))
def forget_the_passphrase_of_a_backup(portal_with_a_key, tmp_path):
    with pytest.raises(SystemExit):
        run("backup", str(tmp_path / "backups"))


@produces(Action.RESTORED, by=SYSTEM, subject=("backup", "20260101T000000Z"))
def say_what_a_restored_log_lacks(portal_with_a_key):
    check()  # a log that is put back is never empty
    tell_of_restore("20260101T000000Z", made="2026-01-01T00:00:00+00:00")


@produces(Action.LOG_RESTRICTED, by=SYSTEM, subject=("command", "manage.py restrict_log"))
def restrict_the_log(portal_with_a_key):
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE portal_web")
    run("restrict_log", "portal_web")


@produces(Action.STORAGE_MOVED, by=SYSTEM, subject=("command", "manage.py move_storage"))
def move_the_files(portal_with_a_key, tmp_path):
    run("move_storage", str(tmp_path / "elsewhere"), "--last")


@produces(Action.DATABASE_MOVED, by=SYSTEM, subject=("command", "manage.py move_database"))
def move_the_database(settings, tmp_path):
    Portal(tmp_path, demo=False, PORTAL_KEYS=str(settings.PORTAL_KEYS)).prepare()
    run("move_database", str(tmp_path / "portal.sqlite3"))


@produces(Action.NOTICE_SENT, by=SYSTEM, subject=("user", "dana@firm.example.com"))
def tell_of_a_file(cast):
    send(cast)
    work()


@produces(Action.NOTICE_FAILED, by=SYSTEM, subject=("user", "dana@firm.example.com"))
def fail_to_tell_of_a_file(cast, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1  # where nothing listens
    send(cast)
    work()


# The Tax Organizer


def organizer_of(cast):
    """Acme has it, unopened."""
    return sent(cast)


def submitted_organizer(cast):
    organizer = sent(cast)
    answer(organizer, cast.client, name="Ngozi Okafor", is_married="no", ssn=SSN)
    organizer.submit(signature="Ngozi Okafor", consent="True", by=cast.client)
    return organizer


@produces(Action.ORGANIZER_SENT, by="firm_user", subject=("organizer", "Individual 2026"), client=ACME)
def send_an_organizer(cast):
    chosen = post(
        cast.firm_user, "organizer-send", version=published(cast).pk, client=cast.acme.pk, choose="ticked"
    ).url
    assert browser_of(cast.firm_user).post(chosen).status_code == 302


@produces(Action.ORGANIZER_CHANGED, by="firm_user", subject=("organizer", "Individual 2026"), client=ACME)
def change_an_organizer(cast):
    post(cast.firm_user, "organizer-change", organizer_of(cast), message="Soon, please")


@produces(Action.ORGANIZER_REMINDED, by="firm_user", subject=("organizer", "Individual 2026"), client=ACME)
def remind_of_an_organizer(cast):
    post(cast.firm_user, "organizer-remind", organizer_of(cast))


@produces(Action.ORGANIZER_WITHDRAWN, by="firm_user", subject=("organizer", "Individual 2026"), client=ACME)
def withdraw_an_organizer(cast):
    post(cast.firm_user, "organizer-withdraw", organizer_of(cast))


@produces(Action.ANSWERS_MARKED, by="firm_user", subject=("organizer", "Individual 2026"), client=ACME)
def mark_answers(cast):
    post(cast.firm_user, "organizer-mark", submitted_organizer(cast), section="about", **{"fine.name": "on"})


@produces(Action.ORGANIZER_REOPENED, by="firm_user", subject=("organizer", "Individual 2026"), client=ACME)
def open_an_organizer_again(cast):
    post(cast.firm_user, "organizer-reopen", submitted_organizer(cast), because="A page is missing")


@produces(Action.ORGANIZER_REVIEWED, by="firm_user", subject=("organizer", "Individual 2026"), client=ACME)
def review_an_organizer(cast):
    post(cast.firm_user, "organizer-reviewed", submitted_organizer(cast))


@produces(Action.ORGANIZER_SEALED, by="administrator", subject=("organizer", "Individual 2026"), client=ACME)
def seal_an_organizer(cast):
    organizer = submitted_organizer(cast)
    post(cast.administrator, "organizer-reviewed", organizer)
    post(cast.administrator, "organizer-seal", organizer, yes="YES")


@produces(Action.SECRET_REVEALED, by="firm_user", subject=("organizer", "Individual 2026"), client=ACME)
def look_at_a_secret_answer(cast):
    assert SSN in post(cast.firm_user, "organizer-reveal", submitted_organizer(cast), answer="ssn").text
