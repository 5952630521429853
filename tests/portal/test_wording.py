"""Every form speaks the portal's words, and none of Django's."""

import re

import pytest
from django.forms import BaseForm
from django.test import RequestFactory
from django.urls import get_resolver

from activity.actions import Action
from activity.models import Event
from portal.templatetags.face import size
from reports.filters import LogFilter, RosterFilter
from tests.conftest import put_file

DJANGOS = re.compile(r"This (field|value)|(Enter|Select) a|Ensure|Please")
IMPOSSIBLE = ("contradiction", "missing")  # of a file field that cannot be cleared, and of Django's own


def forms():
    """Every form of the portal: the addresses import them all."""
    assert get_resolver().url_patterns
    waiting, found = [BaseForm], []
    while waiting:
        kinds = waiting.pop().__subclasses__()
        waiting += kinds
        found += [
            kind
            for kind in kinds
            if kind.__module__.startswith(("accounts.", "files.", "operations.", "organizer.", "reports."))
        ]
    return [form for form in found if getattr(form, "base_fields", None)]


def test_no_field_has_a_sentence_of_djangos():
    fields = {f"{form.__name__}.{name}": field for form in forms() for name, field in form.base_fields.items()}
    assert len(fields) > 40
    found = {
        (name, code): str(sentence)
        for name, field in fields.items()
        for code, sentence in field.error_messages.items()
        if code not in IMPOSSIBLE and DJANGOS.match(str(sentence))
    }
    assert found == {}


@pytest.mark.parametrize("chosen", [LogFilter, RosterFilter])
def test_no_filter_has_one_either(chosen, cast):
    request = RequestFactory().get("/")
    request.user = cast.administrator
    fields = chosen({}, queryset=Event.objects.all(), request=request).form.fields
    assert not [text for field in fields.values() for text in field.error_messages.values() if DJANGOS.match(str(text))]


@pytest.mark.parametrize(
    ("address", "answers", "words"),
    [
        ("/accounts/clients/new/", {"name": " "}, "Client: Fill this in."),
        ("/accounts/clients/new/", {"name": "a" * 201}, "Client: Write at most 200 characters; it has 201."),
        ("/accounts/clients/new/", {"name": "a\0"}, "Client: This holds a character that cannot be kept."),
        ("/accounts/firm-users/new/", {"email": "dana"}, "This is no e-mail address. Write it like name@example.com."),
        ("/accounts/firm-users/new/", {"role": "x"}, "Role: “x” is not in the list. Choose from it."),
        ("/accounts/settings/", {"idle_minutes": "an hour"}, "This is no whole number. Write it in digits."),
        ("/accounts/settings/", {"idle_minutes": "-1"}, "use: Give 5 or more."),
        ("/account/password/change/", {"oldpassword": "wrong"}, "Password until now: That is not your password."),
        ("/account/password/change/", {}, "New password: Fill this in."),
    ],
)
def test_a_page_says_so(address, answers, words, sign_in, cast):
    assert words in sign_in(cast.administrator).post(address, answers).text


def test_so_do_the_pages_of_signing_in(client, db):
    assert "E-mail address: Fill this in." in client.post("/account/login/").text
    assert "This is no e-mail address." in client.post("/account/login/", {"login": "ngozi", "password": "x"}).text


def test_one_byte_is_no_bytes(sign_in, cast):
    assert [size(number) for number in (0, 1, 2, 1000)] == ["0 bytes", "1 byte", "2 bytes", "1 KB"]
    put_file(cast.acme.cabinet.top, content=b"x", by=cast.client)
    sent = Event.objects.get(action=Action.FILE_UPLOADED)
    assert "1 byte (1 byte)" in sign_in(cast.administrator).get(f"/activity/{sent.seq}/").text


def test_is_it_you_says_password_once(sign_in, cast):
    assert "placeholder" not in sign_in(cast.client).get("/account/reauthenticate/").text
