"""Nothing that is to be known to one person only stands in the log, or in the lines that the server writes."""

import json
import re

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client as Browser
from django.urls import reverse
from lxml import html

from accounts.models import User
from activity.actions import Action
from activity.models import Event
from organizer.definition import from_json
from portal.log_lines import MOST_OF_A_WORD
from tests.accounts.test_second_factor import SECOND, SET_UP, code_of, forged, give_app
from tests.activity.producing import LOGIN, NEW_PASSWORD, mailed_path, signed_in
from tests.conftest import PASSWORD
from tests.organizer.asking import small
from tests.portal.test_access import addresses, arguments  # noqa: F401 — a fixture
from tests.working import do_what_waits

MARK = "zq7SecretAsLongAsTheTokensOfThePortal"
SSN = "123-45-6789"
# Every field of the portal's forms: what nobody else may read, and what the log may show
SECRET_FIELDS = {
    *("password", "password1", "password2", "oldpassword", "code", "credential", "csrfmiddlewaretoken", "text"),
    *("ssn", "notes", "address"),  # answers in an organizer
}
SHOWN_FIELDS = {
    *("name", "email", "login", "next", "role", "yes", "may_view_files", "may_send_files", "may_delete_files"),
    *("act", "folder", "into", "open", "q", "version", "note", "at"),
    *("file", "files", "firm_users", "notified", "accent", "idle_minutes", "logo_file", "phone", "remove_logo"),
    *("number", "list", "kept"),
    *("second_factor_clients", "second_factor_firm", "session_hours", "tagline", "time_zone"),
    *("log_years", "has_legal_hold", "checkpoint_emails", "why", "file_notices"),
    *("kind", "title", "folders", "is_for_new_clients", "folder_set", "is_view_only"),
    *("title", "message", "due_on", "folder", "has_reminders", "because", "until", "most_files"),
    *(f"documents-{kind}_FORMS" for kind in ("TOTAL", "INITIAL", "MIN_NUM", "MAX_NUM")),
    *(
        f"documents-{number}-{name}"
        for number in ("__prefix__", *range(8))
        for name in ("name", "hint", "due_on", "document", "DELETE")
    ),
    *("quota_gb", "bin_days", "reason", "months", "notice_days", "sure"),
    *("receipt", "sha256", "compared", "gets_receipts"),
    *("separate", "document"),
    *(
        "client",
        "team",
        "had",
        "repeats",
        "version",
        "reminder_days",
        "revision",
        "seen",
        "begin",
        "tax_year",
        "welcome",
    ),
    *("sources", "intro", "label", "help", "source", "is_required", "choices", "most", "place", "stood"),
    *("condition_question", "condition_answers"),
    *("is_shared", "extension", "every", "weekday", "month_day", "hour", "is_moving", "recipients"),
    *("in_full", "may_use_organizer", "may_edit_templates"),
}
QUESTIONS = from_json(small()).questions.values()  # whose fields an organizer has
SECRET_FIELDS |= {question.key for question in QUESTIONS if question.is_secret}
SHOWN_FIELDS |= {question.key for question in QUESTIONS if not question.is_secret}
SHOWN_FIELDS |= {f"{question.key}.{more}" for question in QUESTIONS for more in ("seen", "because")}
SECRET_PARTS = ("token", "key")  # of addresses
KNOWN_FIELDS = SECRET_FIELDS | SHOWN_FIELDS
SIGNING_IN = {
    reverse(name)
    for name in (
        "account_login",
        "account_reset_password",
        "mfa_login_webauthn",
        "mfa_authenticate",
        "mfa_reauthenticate_webauthn",
    )
}
LEAVES = reverse("account_logout")


@pytest.fixture
def written(lines, settings):
    """All that the log and the console hold, where each request has a line, too: ``written()``."""
    settings.LOG_REQUESTS = True

    def written():
        columns = "\n".join(str(value) for row in Event.objects.values_list() for value in row)
        return columns + "\n" + "\n".join(lines())

    return written


def found(secrets, text):
    return [secret for secret in secrets if re.search(rf"(?<!\w){re.escape(secret)}(?!\w)", text)]


def anonymous(cast):
    browser = Browser(raise_request_exception=False)
    browser.cookies[settings.SESSION_COOKIE_NAME] = f"{MARK}Session"
    browser.cookies[settings.CSRF_COOKIE_NAME] = f"{MARK}Csrf"
    return browser


def after_the_password(cast):
    browser = anonymous(cast)
    browser.post(LOGIN, {"login": cast.second.email, "password": PASSWORD})
    return browser


def person(name):
    def visitor(cast):
        browser = Browser(raise_request_exception=False)
        browser.force_login(getattr(cast, name))
        return browser

    return visitor


VISITORS = [anonymous, after_the_password, person("client"), person("administrator")]


@pytest.mark.parametrize("name", addresses())
def test_what_is_sent_to_an_address_and_its_forms_is_nowhere_kept(name, cast, arguments, written):  # noqa: F811
    right = arguments.get(name) or {}
    secrets = {value for key, value in right.items() if key in SECRET_PARTS and len(value) > MOST_OF_A_WORD}
    marked = {key: MARK if key in SECRET_PARTS else value for key, value in right.items()}
    give_app(cast.second)
    for url in {reverse(name, kwargs=marked), reverse(name, kwargs=right)}:
        for visit in VISITORS:
            browser = visit(cast)
            ask(browser, url)
            for form in forms_of(browser, url):
                send(browser, form, MARK)
                send(browser, form, SSN)
                secrets |= {cookie.value for cookie in browser.cookies.values() if cookie.value}

    text = written()
    assert MARK not in text
    assert not found([SSN, *secrets], text)


def ask(browser, url):
    """The address itself, with a query that nobody reads, by a wrong method, and with a full stop behind it."""
    cache.clear()
    for address in (f"{url}?password={MARK}&code={SSN}", f"{url}."):
        b"".join(browser.get(address, headers={"X-Api-Key": MARK, "Authorization": f"Bearer {MARK}"}))
    if url != LEAVES:
        browser.put(url, {"password": MARK})


def forms_of(browser, url):
    """(address, fields) of the forms that the page shows which the address leads to."""
    response = browser.get(url, follow=True)
    if response.streaming:
        b"".join(response)
        return []
    if not response.content or "html" not in response["Content-Type"]:
        return []
    page = html.fromstring(response.content)
    page.make_links_absolute(response.request["PATH_INFO"])
    forms = [
        (form.action or response.request["PATH_INFO"], dict(form.fields))
        for form in page.forms
        if form.method == "POST" and (form.action != LEAVES or url == LEAVES)
    ]
    for _, fields in forms:
        assert not {field_of(name) for name in fields} - KNOWN_FIELDS, "say whether these fields hold a secret"
    return forms


def send(browser, form, secret):
    address, fields = form
    sent = {name: fill(name, value, secret) for name, value in fields.items()}
    passkey = {"credential": json.dumps({**json.loads(forged(User.objects.first())), "marker": secret})}
    # what a browser makes of a passkey; and where a person takes one field for another
    for instead in ({}, passkey, {"login": secret}, {"login": f"{secret}@example.com"}, {"email": secret}):
        if instead.keys() <= sent.keys() and (address in SIGNING_IN or not instead):
            cache.clear()
            browser.post(address, {**sent, **instead})


def field_of(name):
    """Without what an organizer's form says of its question: which entry of a group it is of, and which answer was seen."""
    return name.partition(".")[0]


def fill(name, value, secret):
    if field_of(name) in SECRET_FIELDS and not name.endswith(".seen"):
        return f"{secret}-{name}" if secret == MARK else secret
    return value or ("shown@example.com" if name in ("email", "login") else "shown")


@pytest.mark.django_db(transaction=True)
def test_what_is_right_is_nowhere_kept_either(cast, written):
    """A person joins, signs in in every way, sets up a second factor and changes what they sign in with."""
    secrets = [PASSWORD, NEW_PASSWORD]

    def right(browser, address, **fields):
        """The form is posted with the token of its page, and taken."""
        page = browser.get(address, follow=True)
        token = browser.cookies[settings.CSRF_COOKIE_NAME].value
        secrets.append(token)
        fields = {name: value(page) if callable(value) else value for name, value in fields.items()}
        answer = browser.post(page.request["PATH_INFO"], {**fields, "csrfmiddlewaretoken": token}, follow=True)
        assert answer.status_code == 200, answer.text
        assert "Error: " not in answer.text
        secrets.extend(cookie.value for cookie in browser.cookies.values())
        return answer

    def code_of_page(page):
        secret = page.context["form"].secret
        secrets.extend([secret, code_of(secret)])
        return code_of(secret)

    def new_browser():
        return Browser(enforce_csrf_checks=True)

    administrator = signed_in(cast.administrator)
    administrator.post(reverse("client-people", args=[cast.acme.pk]), {"name": "Nia", "email": "nia@acme.example.com"})
    link = mailed_path()
    secrets.append(link.split("/")[-2])
    right(new_browser(), link, name="Nia Obi", password=PASSWORD)
    right(new_browser(), mailed_reset(secrets, "nia@acme.example.com"), password1=NEW_PASSWORD, password2=NEW_PASSWORD)
    browser = new_browser()
    right(browser, LOGIN, login="nia@acme.example.com", password=NEW_PASSWORD)
    codes = right(browser, SET_UP, code=code_of_page).context["unused_codes"]
    secrets += codes
    right(browser, reverse("account_change_password"), oldpassword=NEW_PASSWORD, password1=PASSWORD, password2=PASSWORD)
    right(browser, reverse("account_email"), email="nia.new@acme.example.com")
    link = mailed_path()
    secrets.append(link.split("/")[-2])
    right(browser, link)
    again = new_browser()
    right(again, LOGIN, login="nia.new@acme.example.com", password=PASSWORD)
    right(again, f"{SECOND}?with=recovery-code", code=codes[0])
    right(again, reverse("account_logout"))

    text = written()
    done = {event.action for event in Event.objects.filter(actor_email__startswith="nia")}
    assert done >= {
        *(Action.USER_JOINED, Action.PASSWORD_RESET, Action.SIGNED_IN, Action.FACTOR_ADDED, Action.RECOVERY_CODES_MADE),
        *(Action.PASSWORD_CHANGED, Action.EMAIL_CHANGED, Action.RECOVERY_CODE_USED, Action.SIGNED_OUT),
    }
    assert len(codes) == 10
    assert not found(filter(None, secrets), text)


def mailed_reset(secrets, email):
    Browser().post(reverse("account_reset_password"), {"email": email})
    do_what_waits()
    link = mailed_path()
    secrets.append(link.split("/")[-2])
    return link


def test_the_search_finds_what_is_kept(cast, written):
    """Else the tests above would show nothing."""
    browser = person("administrator")(cast)
    browser.post(reverse("client-new"), {"name": f"{MARK} Trust"})
    browser.get(f"/nowhere/{SSN}")

    text = written()
    assert MARK in text
    assert found([SSN], text) == [SSN]
