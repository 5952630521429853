"""Somebody without an account sends files over a link, and learns nothing else."""

import re
import threading
import time
from datetime import timedelta
from hashlib import sha256

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connections
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from activity.actions import Action
from files import guests
from files.models import Arrived, File, LinkEnded, RequestLink, Version
from files.models.links import MOST_TRIES
from files.storage import storage
from tests.conftest import put_file
from tests.files.asking import GUEST, linked


def work():
    call_command("work", batch=True)


def confirmed(link, token):
    browser = Browser()
    answer = browser.post(reverse("request-link-code", args=[token]), {"code": link.new_code()})
    assert answer.status_code == 302
    return browser


def send(browser, token, *names, content=b"%PDF-1.4 appraisal"):
    files = [SimpleUploadedFile(name, content) for name in names]
    return browser.post(reverse("request-link-files", args=[token]), {"files": files}, follow=True)


@pytest.mark.django_db(transaction=True)
def test_from_the_mailed_link_to_the_receipt(cast, sign_in, events):
    cabinet = cast.acme.cabinet
    put_file(cabinet.top, "Appraisal.pdf", b"the firm's own", by=cast.firm_user)
    put_file(cabinet.top, "Secret plans.pdf", by=cast.client)
    last = timezone.localdate() + timedelta(days=5)
    fields = {"email": GUEST, "title": "Appraisal of 12 Elm Street", "folder": cabinet.top.pk, "until": last}
    browser = sign_in(cast.firm_user)
    browser.post(reverse("link-new", args=[cabinet.pk]), {**fields, "most_files": 3})
    work()
    (message,) = [message for message in mail.outbox if message.to == [GUEST]]
    path = re.search(r"http://localhost:8000(\S+)", message.body)[1]
    token = path.split("/")[-2]
    link = RequestLink.objects.get()
    assert token not in browser.get(reverse("cabinet-links", args=[cabinet.pk])).text

    guest = Browser()
    page = guest.get(path)
    assert ("Appraisal of 12 Elm Street" in page.text, "a…@elm.example.com" in page.text) == (True, True)
    assert not re.search(f"{GUEST}|Acme|Dana", page.text)
    assert guest.get(reverse("request-link-files", args=[token])).url == path
    mail.outbox.clear()
    assert guest.post(path).url == reverse("request-link-code", args=[token])
    work()
    code = re.search(r"\d{6}", mail.outbox[-1].body)[0]
    assert code not in str(RequestLink.objects.values_list()[0])
    key = guest.session.session_key
    guest.post(reverse("request-link-code", args=[token]), {"code": code})
    assert guest.session.session_key != key
    page = send(guest, token, "Appraisal.pdf", "Roof.jpg", content=b"elm")

    assert page.status_code == 200
    assert sha256(b"elm").hexdigest() in page.text
    assert "Appraisal (2).pdf" not in page.text, "which would tell that there is another"
    assert "Secret plans" not in page.text
    assert "1 more file can" in page.text
    versions = Version.objects.filter(link=link).select_related("file")
    assert sorted(version.file.name for version in versions) == ["Appraisal (2).pdf", "Roof.jpg"]
    assert {(version.by, version.number, version.sender) for version in versions} == {(cast.firm_user, 1, GUEST)}
    done = [event for event in events() if event.actor_role == "guest"]
    assert {(event.actor_email, event.actor_id, event.client_name) for event in done} == {
        (GUEST, None, "Acme Dental PC")
    }
    assert [event.action for event in done] == [
        *(Action.LINK_OPENED, Action.LINK_CODE_ASKED, Action.LINK_CONFIRMED),
        *(Action.FILE_UPLOADED, Action.FILE_UPLOADED),
    ]
    for page in (f"/activity/?q={GUEST}", f"/activity/{done[0].seq}/", f"/files/activity/?client={cast.acme.pk}"):
        assert GUEST in sign_in(cast.administrator).get(page).text


def test_every_way_a_link_ends_is_the_same_page(cast, events):
    open_link, token = linked(cast)
    pages, sessions = [], []
    for end in (
        {"revoked_at": timezone.now()},
        {"expires_at": timezone.now()},
        {"sent_files": 20},
    ):
        link, ended = linked(cast)
        browser = confirmed(link, ended)
        RequestLink.objects.filter(pk=link.pk).update(**end)
        pages.append(Browser().get(reverse("request-link", args=[ended])))
        pages.append(browser.get(reverse("request-link-files", args=[ended])))
        sessions.append(send(browser, ended, "Late.pdf"))
    pages.append(Browser().get(reverse("request-link", args=["never"])))
    cast.acme.archive(by=cast.administrator)
    pages.append(Browser().get(reverse("request-link", args=[token])))

    assert {(page.status_code, page.content) for page in [*pages, *sessions]} == {(410, pages[0].content)}
    assert not File.objects.exists()
    assert len(events(action=Action.LINK_REFUSED)) == 2, (
        "one for the guest's address, one for nobody's; the rest is counted"
    )


def test_a_code_works_once_for_five_tries_and_ten_minutes(cast, monkeypatch):
    link, token = linked(cast)
    code = link.new_code()
    wrong = f"{(int(code) + 1) % 10**6:06}"
    assert [link.confirm(wrong) for _ in range(MOST_TRIES)] == [False] * MOST_TRIES
    assert not link.confirm(code), "too late, after five tries"
    code = link.new_code()
    assert link.confirm(code)
    assert not link.confirm(code)
    assert not link.confirm("")
    code = link.new_code()
    RequestLink.objects.update(code_expires_at=timezone.now())
    assert not link.confirm(code)


def test_codes_are_asked_for_five_times_an_hour(cast, events):
    _, token = linked(cast)
    answers = [Browser().post(reverse("request-link", args=[token])).status_code for _ in range(6)]

    assert answers == [302] * 5 + [429]
    assert len(events(action=Action.LINK_CODE_ASKED)) == 5
    (limited,) = events(action=Action.SIGN_IN_LIMITED)
    assert token not in str(limited.details)


def test_a_confirmed_session_sends_over_its_own_link_only_and_for_an_hour_without_use(cast, monkeypatch):
    link, token = linked(cast)
    _, other = linked(cast, title="Other")
    browser = confirmed(link, token)
    assert browser.get(reverse("request-link-files", args=[other])).status_code == 302
    assert "Other" not in send(browser, token, "a.pdf").text
    for path in ("/", cast.acme.cabinet.get_absolute_url(), File.objects.get().get_absolute_url()):
        assert browser.get(path).status_code == 302

    now = time.time()
    monkeypatch.setattr(guests.time, "time", lambda: now + 3601)
    assert browser.get(reverse("request-link-files", args=[token])).url == reverse("request-link", args=[token])
    assert guests.LINK not in browser.session


def test_who_is_signed_in_stays_so_and_is_sent_to_the_exchange(cast, sign_in):
    link, token = linked(cast)
    browser = sign_in(cast.client)
    key = browser.session.session_key
    for page in ("request-link", "request-link-code", "request-link-files"):
        answer = browser.post(reverse(page, args=[token]), {"code": link.new_code()})
        assert "You are signed in" in answer.text
    assert browser.session.session_key == key
    assert guests.LINK not in browser.session
    assert browser.get("/").status_code == 200


def test_sent_again_the_earlier_link_no_longer_works(cast, sign_in):
    link, token = linked(cast)
    browser = confirmed(link, token)
    sign_in(cast.administrator).post(reverse("link-again", args=[cast.acme.cabinet.pk, link.pk]))

    assert browser.get(reverse("request-link-files", args=[token])).status_code == 410


def test_more_files_than_are_left_are_refused_whole(cast):
    link, token = linked(cast, most_files=2)
    page = send(confirmed(link, token), token, "a.pdf", "b.pdf", "c.pdf")

    link.refresh_from_db()
    assert ("choose fewer" in page.text, link.sent_files, File.objects.count()) == (True, 0, 0)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_do_not_share_the_last_place(cast):
    link, _ = linked(cast, most_files=1)
    arrived, outcomes, together = [], [], threading.Barrier(2)
    for name in ("a.pdf", "b.pdf"):
        staged = storage().stage()
        staged.write(name.encode())
        staged.keep()
        arrived.append(Arrived(name, staged.key, staged.size_bytes, staged.sha256))

    def receive(one):
        mine = RequestLink.objects.select_related("folder__cabinet__client", "by").get(pk=link.pk)
        together.wait()
        try:
            outcomes.append(len(mine.folder.receive([one], by=mine.by, link=mine)))
        except LinkEnded:
            outcomes.append("ended")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=receive, args=[one]) for one in arrived]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    link.refresh_from_db()
    assert sorted(map(str, outcomes)) == ["1", "ended"]
    assert (link.sent_files, Version.objects.filter(link=link).count()) == (1, 1)


@pytest.mark.parametrize("until", [-1, 91])
def test_the_last_day_is_within_ninety_days(cast, sign_in, until):
    top = cast.acme.cabinet.top
    fields = {"email": GUEST, "title": "x", "folder": top.pk, "until": timezone.localdate() + timedelta(days=until)}
    page = sign_in(cast.administrator).post(reverse("link-new", args=[top.cabinet_id]), {**fields, "most_files": 3})

    assert ("Choose a day from today on" in page.text, RequestLink.objects.exists()) == (True, False)
