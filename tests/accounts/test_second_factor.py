"""Codes, recovery codes and passkeys: adding, signing in, refusing, removing, and what the firm demands.

Passkeys themselves are tried in tests/browser/test_second_factor.py, with a browser that holds one.
"""

import json
import os
import re
import subprocess
import sys
import time
from base64 import urlsafe_b64encode
from urllib.parse import urlsplit

import pytest
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth
from allauth.mfa.utils import decrypt
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.test import Client as Browser
from django.urls import reverse

from accounts.models import Firm, SecondFactor
from activity.actions import Action
from tests.conftest import PASSWORD
from tests.servers import ROOT
from tests.settings import VAR_DIR

LOGIN, HOME = "/account/login/", "/"
SECOND, FACTORS = "/account/2fa/authenticate/", "/account/2fa/"
SET_UP, REMOVE_APP = "/account/2fa/totp/activate/", "/account/2fa/totp/deactivate/"
ADD_PASSKEY, PASSKEY_SIGN_IN = "/account/2fa/webauthn/add/", "/account/2fa/webauthn/login/"
CODES, MAKE_CODES = "/account/2fa/recovery-codes/", "/account/2fa/recovery-codes/generate/"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
WRONG = "incorrect horse battery"


def code_of(secret=SECRET, *, seconds_left=3):
    """The code that an app shows now, for a while yet."""
    while 30 - time.time() % 30 < seconds_left:
        time.sleep(0.2)
    (counter,) = auth.yield_hotp_counters_from_time()
    return auth.format_hotp_value(auth.hotp_value(secret, counter))


def wrong_code():
    return str((int(code_of()) + 1) % 10**6).zfill(6)


def give_app(user):
    """The person has an authenticator app with SECRET, and recovery codes: those are returned."""
    auth.TOTP.activate(user, SECRET)
    return RecoveryCodes.activate(user).generate_codes()


def give_passkey(user, name="Firefox on Linux"):
    """A row as a passkey leaves it; nobody can sign in with it."""
    return Authenticator.objects.create(user=user, type="webauthn", data={"name": name, "credential": {}})


def password_step(browser, user, **more):
    return browser.post(LOGIN, {"login": user.email, "password": PASSWORD, **more})


def code_step(browser, code, way=""):
    return browser.post(SECOND + way, {"code": code})


def signs_in(user, code, way=""):
    browser = Browser()
    password_step(browser, user)
    code_step(browser, code, way)
    return browser.get(HOME).status_code == 200


def demand(policy=SecondFactor.DEMANDED, *, of="firm"):
    Firm.objects.update(**{f"second_factor_{of}": policy})


def make_old(browser):
    """The sign-in was ten minutes ago."""
    session = browser.session
    session["account_authentication_methods"] = [
        {**record, "at": record["at"] - 600} for record in session["account_authentication_methods"]
    ]
    session.save()


def set_up(browser):
    """Scans the key of the page and gives its code; the page that follows."""
    page = browser.get(SET_UP)
    return browser.post(SET_UP, {"code": code_of(page.context["form"].secret)}, follow=True)


def actions(events):
    return [event.action for event in events(area="sign-in")]


# Setting up an app


@pytest.mark.django_db(transaction=True)
def test_an_app_is_set_up_and_asked_for_from_then_on(client, cast, events):
    password_step(client, cast.client)
    page = client.get(SET_UP)
    secret = page.context["form"].secret
    assert 'src="data:image/svg+xml;base64,' in page.text
    assert " ".join(re.findall("....", secret)) in page.text
    codes = client.post(SET_UP, {"code": code_of(secret)}, follow=True)

    assert codes.request["PATH_INFO"] == CODES
    assert "Your authenticator app is set up." in codes.text
    assert actions(events) == [Action.SIGNED_IN, Action.FACTOR_ADDED, Action.RECOVERY_CODES_MADE]
    added = events(action=Action.FACTOR_ADDED)[0]
    assert (added.actor_id, added.client_id, added.details) == (
        cast.client.pk,
        cast.acme.pk,
        {"note": "authenticator app"},
    )
    (sent,) = mail.outbox
    assert (sent.to, sent.subject) == ([cast.client.email], "An authenticator app was set up")
    client.post("/account/logout/")

    answer = password_step(client, cast.client)
    assert (answer.status_code, answer.url) == (302, SECOND)
    assert client.get(HOME).status_code == 302, "the password alone opens nothing"
    answer = code_step(client, code_of(secret))
    assert (answer.status_code, answer.url) == (302, HOME)
    assert client.get(HOME).status_code == 200
    signed_in = events(action=Action.SIGNED_IN)[-1]
    assert signed_in.details == {"note": "with authenticator app"}


@pytest.mark.django_db(transaction=True)
def test_a_wrong_first_code_sets_nothing_up_and_keeps_the_key(client, cast, events):
    password_step(client, cast.client)
    secret = client.get(SET_UP).context["form"].secret
    page = client.post(SET_UP, {"code": "12345"})

    assert "That code does not fit." in page.text
    assert page.text.count("<title>Error: ") == 1
    assert page.context["form"].secret == secret
    assert not Authenticator.objects.exists()
    assert not events(action=Action.FACTOR_ADDED)


def test_too_many_first_codes_are_refused_and_in_the_log(client, cast, events):
    password_step(client, cast.client)
    secret = client.get(SET_UP).context["form"].secret
    for _ in range(5):
        client.post(SET_UP, {"code": "12345"})
    page = client.post(SET_UP, {"code": code_of(secret)})

    assert "Too many tries. Wait five minutes" in page.text
    assert not Authenticator.objects.exists()
    assert [event.details for event in events(action=Action.SIGN_IN_LIMITED)] == [{"note": "second factor"}]


def test_the_page_after_the_password_asks_for_the_code_and_nothing_else(client, cast):
    give_app(cast.client)
    password_step(client, cast.client)
    page = client.get(SECOND)

    assert page.status_code == 200
    assert f"Signing in as {cast.client.email}" in page.text
    assert 'autocomplete="one-time-code"' in page.text
    assert f"{SECOND}?with=recovery-code" in page.text
    assert "Use a passkey" not in page.text


def test_who_asked_for_a_page_gets_it_after_the_code(client, cast):
    give_app(cast.client)
    password_step(client, cast.client, next="/help/")

    assert code_step(client, code_of()).url == "/help/"


def test_signing_in_as_someone_else_forgets_the_password_that_was_given(client, cast):
    give_app(cast.client)
    password_step(client, cast.client)
    client.post("/account/logout/", {"next": LOGIN})

    assert client.get(SECOND).url == LOGIN
    assert client.get(LOGIN).status_code == 200


def test_the_second_step_alone_opens_nothing(client, cast):
    give_app(cast.client)

    assert code_step(client, code_of()).url == LOGIN
    assert client.get(HOME).status_code == 302


# Codes that do not fit


def test_a_wrong_code_is_refused_and_in_the_log(client, cast, events):
    give_app(cast.client)
    password_step(client, cast.client)
    page = code_step(client, wrong_code())

    assert "That code does not fit. Enter the one shown now; each works once." in page.text
    assert "<title>Error: Enter your code" in page.text
    assert client.get(HOME).status_code == 302
    (event,) = events()
    assert (event.action, event.actor_id, event.details) == (
        Action.FACTOR_FAILED,
        cast.client.pk,
        {"note": "authenticator app"},
    )


def test_a_code_works_once(cast, events):
    give_app(cast.client)
    code = code_of(seconds_left=5)

    assert signs_in(cast.client, code)
    assert not signs_in(cast.client, code)
    assert not signs_in(cast.client, f"{code[:3]} {code[3:]}"), "written otherwise it is the same code"
    assert actions(events) == [Action.SIGNED_IN, Action.FACTOR_FAILED, Action.FACTOR_FAILED]


@pytest.mark.django_db(transaction=True)
def test_a_code_used_in_one_process_is_used_in_all(cast, settings):
    """The portal's own cache, a table that every process shares: in the suite each test has one in memory."""
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "portal_cache"}
    }
    call_command("createcachetable", verbosity=0)
    give_app(cast.client)
    code = code_of(seconds_left=15)

    assert [takes_elsewhere(code), signs_in(cast.client, code), takes_elsewhere(code)] == [True, False, False]


def takes_elsewhere(code):
    """Whether another process of the portal takes the code."""
    name = connection.settings_dict["NAME"]
    url = urlsplit(os.environ.get("DATABASE_URL", ""))
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "VAR_DIR": str(VAR_DIR),
        "DATABASE_URL": url._replace(path=f"/{name}").geturl() if url.scheme else f"sqlite:///{name}",
    }
    script = (
        "import sys, django; django.setup()\n"
        "from allauth.mfa.models import Authenticator\n"
        "print(Authenticator.objects.get(type='totp').wrap().validate_code(sys.argv[1]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, code], cwd=ROOT, env=env, capture_output=True, text=True, check=True
    )
    return done.stdout.strip() == "True"


def test_too_many_codes_are_refused_in_words_and_in_the_log(client, cast, events):
    give_app(cast.client)
    password_step(client, cast.client)
    for _ in range(5):
        code_step(client, wrong_code())
    page = code_step(client, code_of())

    assert "Too many tries. Wait five minutes" in page.text
    assert client.get(HOME).status_code == 302
    assert actions(events) == [Action.FACTOR_FAILED] * 5 + [Action.SIGN_IN_LIMITED]
    limited = events()[-1]
    assert (limited.actor_id, limited.details) == (cast.client.pk, {"note": "second factor"})
    cast.client.refresh_from_db()
    assert cast.client.state == "locked"


def test_an_administrator_unlocks_whoever_gave_too_many_codes(client, sign_in, cast):
    give_app(cast.client)
    browser = Browser()
    password_step(browser, cast.client)
    for _ in range(6):
        code_step(browser, wrong_code())
    sign_in(cast.administrator).post(reverse("person-unlock", args=[cast.client.pk]))

    assert code_step(browser, code_of()).url == HOME


# Recovery codes


def test_a_recovery_code_works_once(cast, events):
    codes = give_app(cast.client)
    way = "?with=recovery-code"

    assert signs_in(cast.client, f"{codes[3][:4]} {codes[3][4:]}", way)
    assert not signs_in(cast.client, codes[3], way)
    assert signs_in(cast.client, codes[4], way)
    assert [(event.action, event.details.get("note")) for event in events()] == [
        (Action.RECOVERY_CODE_USED, None),
        (Action.SIGNED_IN, "with recovery code"),
        (Action.FACTOR_FAILED, "authenticator app"),
        (Action.RECOVERY_CODE_USED, None),
        (Action.SIGNED_IN, "with recovery code"),
    ]


def test_the_page_for_a_recovery_code_asks_for_that(client, cast):
    give_app(cast.client)
    password_step(client, cast.client)
    page = client.get(f"{SECOND}?with=recovery-code")
    refused = code_step(client, "00000000", "?with=recovery-code")

    assert "8 digits from your list." in page.text
    assert "That code does not fit, or it was used before." in refused.text
    assert "8 digits from your list." in refused.text


@pytest.mark.django_db(transaction=True)
def test_recovery_codes_are_shown_once_with_a_file_to_keep(client, cast):
    password_step(client, cast.client)
    first = set_up(client)
    codes = Authenticator.objects.get(type="recovery_codes").wrap().generate_codes()
    again = client.get(CODES)

    shown = [f"{code[:4]} {code[4:]}" for code in codes]
    assert [code in first.text for code in shown] == [True] * 10
    assert [code.replace(" ", "%20") in first.text for code in shown] == [True] * 10
    assert 'download="recovery-codes.txt"' in first.text
    assert not any(code in again.text or code.replace(" ", "") in again.text for code in shown)
    assert "You have 10 of 10 left." in again.text
    assert first["Cache-Control"] == "private, no-store"


@pytest.mark.django_db(transaction=True)
def test_new_recovery_codes_replace_the_old(client, cast, events):
    old = give_app(cast.client)
    password_step(client, cast.client)
    code_step(client, code_of())
    asked = client.get(MAKE_CODES)
    page = client.post(MAKE_CODES, follow=True)

    assert "The 10 you have left stop working." in asked.text
    assert "Keep these recovery codes" in page.text
    assert not signs_in(cast.client, old[0], "?with=recovery-code")
    new = Authenticator.objects.get(type="recovery_codes").wrap().generate_codes()
    assert signs_in(cast.client, new[0], "?with=recovery-code")
    assert [event.actor_id for event in events(action=Action.RECOVERY_CODES_MADE)] == [cast.client.pk]


def test_recovery_codes_are_for_whoever_has_a_factor(client, cast):
    password_step(client, cast.client)
    page = client.post(MAKE_CODES)

    assert "Recovery codes stand in for a second factor. Add one first." in page.text
    assert not Authenticator.objects.exists()
    assert client.get(CODES).status_code == 404


# What lies in the database


def test_secrets_lie_encrypted_in_the_database(cast):
    codes = give_app(cast.client)
    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM mfa_authenticator")
        raw = " ".join(str(row[0]) for row in cursor.fetchall())
    app, recovery = Authenticator.objects.order_by("pk")

    assert decrypt(app.data["secret"]) == SECRET
    assert SECRET not in raw
    assert decrypt(recovery.data["seed"]) not in raw
    assert not any(code in raw for code in codes)


# What the firm demands


PAGES = ["/", "/files/", "/activity/", "/account/", "/account/email/", "/account/sessions/", "/help/"]


@pytest.mark.parametrize("path", PAGES)
def test_where_it_is_demanded_nothing_opens_without(client, cast, path):
    demand()
    password_step(client, cast.administrator)

    for answer in (client.get(path), client.post(path)):
        assert (answer.status_code, answer.url) == (302, FACTORS)


@pytest.mark.django_db(transaction=True)
def test_whoever_must_add_a_factor_is_told_so_and_let_in_after(client, cast):
    demand()
    password_step(client, cast.firm_user)
    make_old(client)  # finding an app takes longer than a moment, and nobody is asked who they are
    page = client.get(HOME, follow=True)

    assert "One step more: a second factor" in page.text
    assert f"{SET_UP}" in page.text
    assert ADD_PASSKEY in page.text
    assert "Sign out" in page.text
    assert "Keep these recovery codes" in set_up(client).text
    assert client.get(HOME).status_code == 200


def test_whoever_must_add_a_factor_may_leave(client, cast):
    demand()
    password_step(client, cast.firm_user)

    assert client.get("/firm.css").status_code == 200
    assert client.post("/account/logout/").url == LOGIN


@pytest.mark.parametrize(("of", "who"), [("firm", "client"), ("clients", "firm_user")])
def test_it_is_demanded_of_those_the_firm_says(client, cast, of, who):
    demand(of=of)
    password_step(client, getattr(cast, who))

    assert client.get(HOME).status_code == 200


def test_the_last_factor_stays_where_one_is_demanded(client, cast, events):
    demand()
    give_app(cast.firm_user)
    password_step(client, cast.firm_user)
    code_step(client, code_of())
    page = client.get(REMOVE_APP)
    client.post(REMOVE_APP)

    assert "demands a second factor, and this is your only one" in page.text
    assert "Remove it" not in page.text
    assert Authenticator.objects.filter(user=cast.firm_user).count() == 2
    assert not events(action=Action.FACTOR_REMOVED)


@pytest.mark.parametrize("last", ["app", "passkey"])
def test_of_two_one_can_go_and_the_other_stays(client, cast, last):
    demand()
    give_app(cast.firm_user)
    remove_passkey = reverse("mfa_remove_webauthn", args=[give_passkey(cast.firm_user).pk])
    password_step(client, cast.firm_user)
    code_step(client, code_of())
    first, second = (remove_passkey, REMOVE_APP) if last == "app" else (REMOVE_APP, remove_passkey)

    assert "It no longer signs you in. Your other second factor stays." in client.get(first).text
    assert client.post(first).url == FACTORS
    assert "this is your only one" in client.post(second, follow=True).text
    assert Authenticator.objects.filter(user=cast.firm_user).exclude(type="recovery_codes").count() == 1


def test_where_it_is_offered_the_last_factor_goes_with_its_recovery_codes(client, cast, events):
    give_app(cast.client)
    password_step(client, cast.client)
    code_step(client, code_of())
    page = client.get(REMOVE_APP)
    client.post(REMOVE_APP)

    assert "your password alone will open your account" in page.text
    assert not Authenticator.objects.exists()
    assert [event.details["note"] for event in events(action=Action.FACTOR_REMOVED)] == [
        "authenticator app",
        "recovery code",
    ]
    assert mail.outbox[-1].subject == "Your authenticator app was removed"
    assert client.get(REMOVE_APP).url == FACTORS


@pytest.mark.parametrize("path", [SET_UP, ADD_PASSKEY])
def test_where_it_is_off_none_is_added(client, cast, path):
    demand(SecondFactor.OFF, of="clients")
    password_step(client, cast.client)

    assert client.get(path).url == client.post(path, {"code": "1"}).url == FACTORS
    page = client.get(FACTORS)
    assert "has the second factor switched off: none can be added." in page.text
    assert path not in page.text


def test_where_it_is_off_what_somebody_has_is_still_asked_for(client, cast):
    give_app(cast.client)
    demand(SecondFactor.OFF, of="clients")
    password_step(client, cast.client)
    assert client.get(HOME).status_code == 302
    code_step(client, code_of())

    assert client.get(HOME).status_code == 200
    page = client.get(FACTORS)
    assert "What you have is still asked for when you sign in, until you remove it." in page.text
    assert REMOVE_APP in page.text


# Who it is, asked again


def test_an_old_sign_in_is_asked_again_before_a_change(client, cast, events):
    password_step(client, cast.client)
    assert client.get(SET_UP).status_code == 200, "a sign-in a moment ago is enough"
    make_old(client)
    answer = client.get(SET_UP)

    assert answer.url.startswith("/account/reauthenticate/")
    refused = client.post("/account/reauthenticate/", {"password": WRONG, "next": SET_UP})
    assert "That is not your password." in refused.text
    assert client.post("/account/reauthenticate/", {"password": PASSWORD, "next": SET_UP}).url == SET_UP
    assert client.get(SET_UP).status_code == 200
    assert actions(events) == [Action.SIGNED_IN, Action.SIGN_IN_FAILED]


def test_a_code_says_who_it_is_as_well_as_the_password(client, cast, events):
    codes = give_app(cast.client)
    password_step(client, cast.client)
    code_step(client, codes[0])
    make_old(client)
    page = client.get(f"/account/reauthenticate/?next={MAKE_CODES}")
    assert "Use a code" in page.text
    refused = client.post("/account/2fa/reauthenticate/", {"code": wrong_code(), "next": MAKE_CODES})
    answer = client.post("/account/2fa/reauthenticate/", {"code": code_of(), "next": MAKE_CODES})

    assert "That code does not fit." in refused.text
    assert answer.url == MAKE_CODES
    assert client.get(MAKE_CODES).status_code == 200
    assert [event.action for event in events()][-1] == Action.FACTOR_FAILED


# Passkeys


def forged(user):
    """What a stranger might send in the name of somebody whose number they guessed."""

    def encoded(value):
        return urlsafe_b64encode(value).rstrip(b"=").decode()

    said = {"type": "webauthn.get", "challenge": encoded(b"0" * 32), "origin": "http://localhost:8000"}
    return json.dumps(
        {
            "type": "public-key",
            "id": encoded(b"1" * 16),
            "rawId": encoded(b"1" * 16),
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": encoded(json.dumps(said).encode()),
                "authenticatorData": encoded(b"2" * 32 + b"\x05" + b"\0" * 4),
                "signature": encoded(b"3" * 70),
                "userHandle": encoded(user_pk_to_url_str(user).encode()),
            },
        }
    )


def test_a_passkey_that_does_not_fit_is_refused_and_in_the_log(client, cast, events):
    options = client.get(PASSKEY_SIGN_IN, headers={"Accept": "application/json"}).json()
    page = client.post(PASSKEY_SIGN_IN, {"credential": forged(cast.client)}, follow=True)

    assert options["request_options"]["publicKey"]["userVerification"] == "required"
    assert "That passkey does not fit. Try again, or use another way." in page.text
    assert client.get(HOME).status_code == 302
    (event,) = events()
    assert (event.action, event.actor_id, event.details) == (
        Action.FACTOR_FAILED,
        cast.client.pk,
        {"note": "passkey"},
    )


@pytest.mark.parametrize("sent", ["", "null", "[]", "{}", "what?", '{"response": {"userHandle": "AAAA"}}'])
def test_noise_instead_of_a_passkey_is_refused_and_not_kept(client, cast, events, sent):
    client.get(PASSKEY_SIGN_IN, headers={"Accept": "application/json"})
    page = client.post(PASSKEY_SIGN_IN, {"credential": sent}, follow=True)

    assert page.status_code == 200
    assert 'role="status"' in page.text
    assert not events()


def test_a_passkey_that_does_not_fit_in_the_second_step_is_in_the_log(client, cast, events):
    give_app(cast.client)
    password_step(client, cast.client)
    page = client.post(SECOND, {"credential": forged(cast.client)})

    assert page.status_code == 200
    assert [(event.action, event.details) for event in events()] == [(Action.FACTOR_FAILED, {"note": "passkey"})]


def test_a_passkey_is_renamed(client, cast):
    password_step(client, cast.client)
    passkey = give_passkey(cast.client)
    address = reverse("mfa_edit_webauthn", args=[passkey.pk])
    assert 'value="Firefox on Linux"' in client.get(address).text
    assert "<title>Error: " in client.post(address, {"name": "x" * 61}).text
    page = client.post(address, {"name": "Laptop <b>at</b> work"}, follow=True)

    assert "Laptop &lt;b&gt;at&lt;/b&gt; work" in page.text
    assert str(Authenticator.objects.get()) == "Laptop <b>at</b> work"


@pytest.mark.parametrize("name", ["mfa_remove_webauthn", "mfa_edit_webauthn"])
def test_anothers_passkey_and_a_missing_one_are_the_same_404(client, cast, events, name):
    passkey = give_passkey(cast.client)
    password_step(client, cast.stranger)
    theirs, missing = (client.post(reverse(name, args=[pk]), {"name": "mine"}) for pk in (passkey.pk, 987_654))

    assert theirs.status_code == missing.status_code == 404
    assert theirs.content == missing.content
    assert str(Authenticator.objects.get()) == "Firefox on Linux"
    assert [event.subject_type for event in events(action=Action.ACCESS_DENIED)] == ["passkey", "passkey"]


def test_pages_say_what_one_has(client, cast):
    password_step(client, cast.client)
    assert "Your password alone opens your account." in client.get(FACTORS).text
    assert "None yet" in client.get("/account/").text
    give_app(cast.client)
    give_passkey(cast.client)

    page = client.get(FACTORS)
    assert "Your password alone does not open your account." in page.text
    assert "Firefox on Linux" in page.text
    assert "10 of 10 left" in page.text
    assert "Authenticator app and a passkey" in client.get("/account/").text


# Under the portal's own policy


@pytest.mark.parametrize("path", [FACTORS, SET_UP, ADD_PASSKEY, MAKE_CODES])
def test_pages_run_no_script_of_their_own(client, cast, path):
    password_step(client, cast.client)
    page = client.get(path)

    policy = {directive.strip() for directive in page["Content-Security-Policy"].split(";")}
    assert {"default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:"} <= policy
    assert " style=" not in page.text
    for tag in re.findall(r"<script[^>]*>", page.text):
        assert "src=" in tag or 'type="application/json"' in tag
