"""Where the log cannot take an event, what it would tell of does not happen, and the person is told so."""

import itertools
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection
from django.db.backends.signals import connection_created

from activity import recording
from activity.actions import Action
from activity.models import Event
from activity.recording import Subject, record_now
from activity.verification import verify
from tests.accounts.test_second_factor import ADD_PASSKEY, MAKE_CODES, SET_UP, code_of, set_up
from tests.activity.producing import (
    LOGIN,
    NEW_PASSWORD,
    address,
    browser_of,
    file_to_send,
    invite,
    mailed_path,
    signed_in,
)
from tests.conftest import PASSWORD
from tests.files.sending import kept

pytestmark = pytest.mark.django_db(transaction=True)


def execute(*statements):
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@contextmanager
def pragma(name, value, usual):
    """Holds for the connection at hand and for each that follows it: an upload takes a new one when its body is read."""

    def set_it(**kwargs):
        execute(f"PRAGMA {name} = {value}")

    set_it()
    connection_created.connect(set_it)
    yield
    connection_created.disconnect(set_it)
    execute(f"PRAGMA {name} = {usual}")


# What goes wrong


@contextmanager
def refused(monkeypatch):
    """The database refuses the event itself."""
    if connection.vendor == "sqlite":
        execute(
            "CREATE TRIGGER refuse BEFORE INSERT ON activity_event BEGIN SELECT RAISE(ABORT, 'no more events'); END"
        )
    else:
        execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no more events'; END $$",
            "CREATE TRIGGER refuse BEFORE INSERT ON activity_event EXECUTE FUNCTION refuse()",
        )
    try:
        yield "no more events"
    finally:  # or it refuses whatever comes after a test that fails
        execute("DROP TRIGGER refuse" if connection.vendor == "sqlite" else "DROP FUNCTION refuse CASCADE")


@contextmanager
def locked(monkeypatch):
    """Somebody else holds the log, and goes on holding it."""
    monkeypatch.setattr(recording, "LOCK_TIMEOUT_SECONDS", 0.2)
    other = connection.copy()
    with other.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("BEGIN IMMEDIATE")
            with pragma("busy_timeout", 200, usual=20_000):
                yield "locked"
        else:
            cursor.execute("SELECT pg_advisory_lock(%s)", [recording.LOCK])
            yield "lock timeout"
    other.close()


@contextmanager
def full(monkeypatch):
    """The disk takes nothing more: the pages that an event of any action would go to are filled, and there are no others."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        (count,) = cursor.fetchone()
    with pragma("max_page_count", count, usual=2**30):
        for length, action in itertools.product((3000, 300, 0), Action):
            with pytest.raises(OperationalError, match="full"):
                for _ in range(10_000):
                    record_now(action, subject=Subject(label="x" * length))
        yield "full"


FAULTS = [refused, locked, full] if connection.vendor == "sqlite" else [refused, locked]


# What people do: each prepares, and returns the act


def browser_for(person=None, **options):
    return browser_of(person, raise_request_exception=False, **options)


def sign_in(cast, w2):
    browser = browser_for()

    def act():
        answer = browser.post(LOGIN, {"login": cast.second.email, "password": PASSWORD})
        assert (browser.get("/").status_code == 200) is (answer.status_code == 302)
        return answer

    return act


def accept_an_invitation(cast, w2):
    invite(cast)
    browser, path = browser_for(), mailed_path()
    return lambda: browser.post(path, {"name": "Nia Obi", "password": NEW_PASSWORD})


def set_up_an_app(cast, w2):
    browser = signed_in(cast.client)
    browser.raise_request_exception = False
    secret = browser.get(SET_UP).context["form"].secret
    return lambda: browser.post(SET_UP, {"code": code_of(secret)})


def make_recovery_codes(cast, w2):
    browser = signed_in(cast.client)
    browser.raise_request_exception = False
    set_up(browser)
    return lambda: browser.post(MAKE_CODES)


@pytest.fixture(autouse=True)
def _every_passkey_fits(monkeypatch):
    monkeypatch.setattr("allauth.mfa.webauthn.forms.auth.parse_registration_response", lambda credential: None)
    binding = SimpleNamespace(is_user_verified=lambda: True)
    monkeypatch.setattr("allauth.mfa.webauthn.forms.auth.complete_registration", lambda credential: binding)


def add_a_passkey(cast, w2):
    browser = signed_in(cast.client)
    browser.raise_request_exception = False
    return lambda: browser.post(ADD_PASSKEY, {"credential": '{"id": "x"}', "name": "Phone", "passwordless": "on"})


def upload(cast, w2):
    browser = browser_for(cast.client)
    return lambda: browser.post(address("folder-files", w2.folder), {"files": file_to_send("1099.pdf")})


def posts(person, page, about=lambda cast, w2: (), **fields):
    def prepare(cast, w2):
        browser = browser_for(getattr(cast, person))
        return lambda: browser.post(address(page, *about(cast, w2)), fields)

    return prepare


def opens(person, url):
    def prepare(cast, w2):
        browser = browser_for(getattr(cast, person))
        return lambda: browser.get(url.format(w2=w2.pk))

    return prepare


ACTS = {
    "sign in": sign_in,
    "accept an invitation": accept_an_invitation,
    "set up an app": set_up_an_app,
    "make recovery codes": make_recovery_codes,
    "add a passkey": add_a_passkey,
    "upload": upload,
    "download": opens("client", "/files/{w2}/download/"),
    "bin": posts("client", "file-bin", lambda cast, w2: [w2]),
    "rename": posts("client", "file-name", lambda cast, w2: [w2], name="Wages.pdf"),
    "add a client": posts("administrator", "client-new", name="Lindqvist Trust"),
    "change a right": posts(
        "administrator", "person-change", lambda cast, w2: [cast.firm_user], name="Dana", role="administrator"
    ),
    "deactivate": posts("administrator", "person-deactivation", lambda cast, w2: [cast.client]),
    "export": opens("auditor", "/activity.csv"),
    "view the log": opens("auditor", "/activity/"),
    "open what is not theirs": opens("stranger", "/files/{w2}/"),
}


def everything():
    """Every row of every table; sessions apart, which may begin for nobody. And the storage's objects, without those of no
    file, which the sweeper takes away."""
    rows = {model: sorted(map(str, model.objects.values_list())) for model in apps.get_models() if model is not Session}
    return rows, kept()[:2]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS.keys())
def test_what_cannot_be_recorded_does_not_happen(act, fault, cast, w2, lines, monkeypatch):
    act = act(cast, w2)
    with fault(monkeypatch) as cause:
        before = everything()
        quiet = len(lines())
        answer = act()
        assert (answer.status_code, answer.streaming) == (503, False)
        for words in ("This cannot be done just now", "Nothing was changed.", "Try again in a few minutes"):
            assert words in answer.text
        assert "wages" not in answer.text
        assert everything() == before
        said = [line for line in lines()[quiet:] if "Nothing was done" in line]
        assert len(said) == 1
        assert answer["X-Request-ID"] in said[0]
        assert cause in said[0]

    count = Event.objects.count()
    answer = act()
    b"".join(answer)
    assert answer.status_code in (200, 302, 404), "and it works as soon as the log does"
    assert Event.objects.count() > count
    assert verify().is_whole
