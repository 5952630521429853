import re
from datetime import timedelta

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult, TaskResultStatus

from accounts.models import Notices, User
from activity.actions import Action
from activity.models import Event
from files.models import File
from notices.models import Waiting
from notices.tasks import tell_of_files
from tests.conftest import put_file

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _nobody_gets_receipts(cast):
    User.objects.update(gets_receipts=False)


def work():
    """The worker does what is waiting."""
    call_command("work", batch=True)


def recipients():
    return sorted(message.to[0] for message in mail.outbox)


def test_who_looks_after_a_client_is_told_of_what_the_client_sent(cast, settings):
    cast.acme.assignments.create(user=cast.unassigned)
    file = put_file(cast.acme.cabinet.top, content=b"%PDF-1.4 salary 123,456", by=cast.client)
    assert not mail.outbox, "nothing is mailed before the work is done"
    work()

    assert recipients() == sorted([cast.firm_user.email, cast.unassigned.email])
    message = mail.outbox[0]
    assert "\n" not in message.subject
    assert "Ngozi Okafor" in message.subject
    assert "Acme Dental PC" in message.subject
    assert "W-2 2025.pdf" in message.body
    assert f"{settings.BASE_URL.origin}/files/{file.pk}/" in message.body
    assert not message.attachments
    assert "salary" not in message.message().as_string()
    sent = Event.objects.filter(action=Action.NOTICE_SENT)
    assert sorted(event.subject for event in sent) == recipients()
    assert {event.actor_id for event in sent} == {None}
    assert {event.details["note"] for event in sent} == {f"1 file from {cast.client.email}"}


def test_the_link_in_the_mail_leads_to_the_file(cast, sign_in):
    put_file(cast.acme.cabinet.top, by=cast.client)
    work()
    (link,) = re.findall(r"http://localhost:8000(\S+)", mail.outbox[0].body)

    assert Browser().get(link).status_code == 302, "only for who signs in"
    assert "W-2 2025.pdf" in sign_in(cast.firm_user).get(link).text


def test_a_client_is_told_of_what_the_firm_sent(cast):
    put_file(cast.acme.cabinet.top, by=cast.firm_user)
    work()

    assert recipients() == sorted([cast.client.email, cast.second.email])


def test_nobody_is_told_of_their_own_files_or_those_of_others(cast):
    put_file(cast.acme.cabinet.top, by=cast.firm_user)
    put_file(cast.acme.cabinet.top, "Receipts.pdf", by=cast.second)
    work()

    assert recipients() == sorted([cast.client.email, cast.second.email, cast.firm_user.email])


def test_where_nobody_looks_after_a_client_administrators_are_told(cast):
    put_file(cast.other.cabinet.top, by=cast.stranger)
    work()

    assert recipients() == [cast.administrator.email]


def test_several_files_sent_at_once_make_one_mail(cast, sign_in):
    names = ["A.pdf", "B <b>.pdf", "C.pdf"]
    files = [SimpleUploadedFile(name, b"%PDF-1.4") for name in names]
    sign_in(cast.client).post(reverse("folder-files", args=[cast.acme.cabinet.top.pk]), {"files": files})
    work()

    (message,) = mail.outbox
    assert "3 files" in message.subject
    for file in File.objects.all():
        assert file.name in message.body
        assert str(file.pk) in message.body


def test_an_inactive_person_is_told_nothing(cast):
    for person in (cast.firm_user, cast.second):
        person.is_active = False
        person.save()
    put_file(cast.acme.cabinet.top, by=cast.client)
    put_file(cast.acme.cabinet.top, "Letter.pdf", by=cast.administrator)
    work()

    assert recipients() == sorted([cast.administrator.email, cast.client.email])


def test_a_file_that_was_deleted_meanwhile_or_that_one_may_no_longer_see_is_not_named(cast):
    gone = put_file(cast.acme.cabinet.top, "Gone.pdf", by=cast.client)
    gone.move_to_bin(by=cast.client)
    put_file(cast.acme.cabinet.top, by=cast.client)
    cast.acme.assignments.all().delete()
    work()

    assert not mail.outbox
    assert not Event.objects.filter(action=Action.NOTICE_SENT).exists()


def test_where_mail_fails_the_upload_stands_and_the_log_says_so(cast, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1  # where nothing listens
    file = put_file(cast.acme.cabinet.top, by=cast.client)
    work()

    assert File.objects.visible_to(cast.firm_user).get() == file
    assert Event.objects.filter(action=Action.FILE_UPLOADED).count() == 1
    (event,) = Event.objects.filter(action=Action.NOTICE_FAILED)
    assert event.subject == cast.firm_user.email
    assert event.details == {"note": f"1 file from {cast.client.email}: ConnectionRefusedError"}
    telling = DBTaskResult.objects.filter(task_path=tell_of_files.module_path)
    assert [result.status for result in telling] == [TaskResultStatus.FAILED]


def test_an_upload_that_is_undone_tells_nobody(cast, monkeypatch):
    def fail(*args, **kwargs):
        raise OSError("the log is full")

    monkeypatch.setattr("activity.recording.chain.event_mac", fail)
    with pytest.raises(OSError, match="the log is full"):
        put_file(cast.acme.cabinet.top, by=cast.client)
    monkeypatch.undo()
    work()

    assert not File.objects.exists()
    assert not DBTaskResult.objects.exists()
    assert not mail.outbox


def wants(person, when):
    person.change_profile(file_notices=when, by=person)


def test_who_wants_one_mail_a_day_gets_all_of_the_day_in_it_once_and_who_wants_none_gets_none(cast):
    wants(cast.client, Notices.DAILY)
    wants(cast.second, Notices.NEVER)
    put_file(cast.acme.cabinet.top, by=cast.firm_user)
    put_file(cast.acme.cabinet.top, "Letter.pdf", by=cast.administrator)
    put_file(cast.acme.cabinet.top, "Gone.pdf", by=cast.firm_user).move_to_bin(by=cast.firm_user)
    call_command("housekeeping")
    work()
    assert recipients() == [], "what came today waits for the next morning"

    Waiting.objects.update(at=timezone.now() - timedelta(days=1))
    for _ in range(2):
        call_command("housekeeping")
        work()
    (message,) = mail.outbox
    assert message.to == [cast.client.email]
    assert "2 files" in message.subject
    assert "From Dana Whitfield, for Acme Dental PC" in message.body
    assert message.body.index("W-2 2025.pdf") < message.body.index("From Ruth Larkin")
    assert "Letter.pdf" in message.body
    assert "Gone.pdf" not in message.body
    assert not Waiting.objects.exists()
    (event,) = Event.objects.filter(action=Action.NOTICE_SENT)
    assert (event.subject, event.details) == (cast.client.email, {"note": "2 files of the day"})


def test_a_mail_of_the_day_that_fails_is_tried_again_the_next_hour(cast, settings):
    wants(cast.firm_user, Notices.DAILY)
    put_file(cast.acme.cabinet.top, by=cast.client)
    Waiting.objects.update(at=timezone.now() - timedelta(days=1))
    backend, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    call_command("housekeeping")
    work()
    assert Event.objects.filter(action=Action.NOTICE_FAILED).count() == 1

    settings.EMAIL_BACKEND = backend
    call_command("housekeeping")
    work()
    assert recipients() == [cast.firm_user.email]
