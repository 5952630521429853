import io
from base64 import b64encode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from PIL import Image

from accounts.models import Firm
from activity.actions import Action

SETTINGS, STYLES = "/accounts/settings/", "/firm.css"
AS_IS = {
    "name": "Your firm",
    "tagline": "",
    "phone": "",
    "accent": "#234f8e",
    "time_zone": "America/New_York",
    "second_factor_firm": "offered",
    "second_factor_clients": "offered",
    "idle_minutes": 60,
    "session_hours": 12,
    "log_years": 7,
    "checkpoint_emails": "",
}


def picture(kind):
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "teal").save(file, kind)
    return file.getvalue()


def save(browser, *, logo=None, **changed):
    files = {"logo_file": SimpleUploadedFile("logo.png", logo)} if logo is not None else {}
    return browser.post(SETTINGS, {**AS_IS, **changed, **files}, follow=True)


@pytest.fixture
def browser(sign_in, cast):
    return sign_in(cast.administrator)


def test_the_log_holds_before_and_after_of_what_changed_and_of_nothing_else(browser, cast, events):
    page = save(browser, name="Larkin & Whitfield", phone="555-0100")

    assert "The firm settings are changed." in page.text
    assert "Larkin &amp; Whitfield" in page.text
    (event,) = events(action=Action.SETTINGS_CHANGED)
    assert event.actor_email == cast.administrator.email
    assert event.details == {
        "before": {"name": "Your firm", "phone": ""},
        "after": {"name": "Larkin & Whitfield", "phone": "555-0100"},
    }
    assert Firm.current().initials == "LW"


def test_saving_without_a_change_leaves_no_event(browser, events):
    version = Firm.current().version
    save(browser)

    assert not events(action=Action.SETTINGS_CHANGED)
    assert Firm.current().version == version


@pytest.mark.parametrize(("kind", "media_type"), [("PNG", "image/png"), ("JPEG", "image/jpeg")])
def test_a_logo_is_kept_and_shown(browser, events, kind, media_type):
    content = picture(kind)
    save(browser, logo=content)

    firm = Firm.current()
    assert (bytes(firm.logo), firm.logo_type) == (content, media_type)
    assert f"data:{media_type};base64,{b64encode(content).decode()}" in Browser().get(STYLES).text
    assert events(action=Action.SETTINGS_CHANGED)[0].details == {
        "before": {"logo": "0 bytes", "logo_type": ""},
        "after": {"logo": f"{len(content)} bytes", "logo_type": media_type},
    }


def test_a_logo_stays_until_it_is_removed(browser):
    assert "Remove the logo" not in save(browser).text
    assert "Remove the logo" in save(browser, logo=picture("PNG")).text
    save(browser, name="Larkin")
    assert "data:image/png" in Browser().get(STYLES).text

    save(browser, name="Larkin", remove_logo="on")
    assert "data:image" not in Browser().get(STYLES).text
    assert (bytes(Firm.current().logo), Firm.current().logo_type) == (b"", "")


PNG = b"\x89PNG\r\n\x1a\n"
REFUSED = {
    "one byte too many": (PNG + bytes(200 * 1024 - len(PNG) + 1), "The picture has more than 200 KB."),
    "a GIF": (b"GIF89a" + bytes(100), "This file is neither PNG nor JPEG."),
    "an SVG": (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "This file is neither PNG nor JPEG."),
    "PNG further in": (b"x" + PNG, "This file is neither PNG nor JPEG."),
}


@pytest.mark.parametrize(("content", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_small_picture_is_refused(browser, events, content, words):
    page = save(browser, logo=content)

    assert list(page.context["form"].errors) == ["logo_file"]
    assert words in page.text
    assert bytes(Firm.current().logo) == b""
    assert not events(action=Action.SETTINGS_CHANGED)


def test_a_logo_of_just_200_kilobytes_is_accepted(browser):
    save(browser, logo=PNG + bytes(200 * 1024 - len(PNG)))

    assert len(Firm.current().logo) == 200 * 1024


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *[("accent", accent) for accent in ("red", "#12345", "#1234567", "#12345g", "#123456\n}", "")],
        *[("time_zone", zone) for zone in ("", "Mars/Olympus", "../etc/passwd")],
        ("name", ""),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(browser, events, field, value):
    page = save(browser, **{field: value})

    assert list(page.context["form"].errors) == [field]
    assert not events(action=Action.SETTINGS_CHANGED)
    assert getattr(Firm.current(), field) == AS_IS[field]


def test_the_styles_hold_the_colour_and_may_be_cached_for_long(browser):
    before = browser.get("/").text
    save(browser, accent="#0A7a55")
    answer = Browser().get(STYLES)

    assert answer["Content-Type"] == "text/css"
    assert "--firm-accent: #0A7a55;" in answer.text
    assert {"public", "immutable", "max-age=31536000"} <= set(answer["Cache-Control"].split(", "))
    assert not answer.cookies
    assert f"{STYLES}?v={Firm.current().version}" in browser.get("/").text
    assert f"{STYLES}?v={Firm.current().version}" not in before, "pages ask anew after a change"


@pytest.mark.parametrize("who", ["firm_user", "auditor", "client"])
def test_only_administrators_change_the_settings(sign_in, cast, events, who):
    assert save(sign_in(getattr(cast, who)), name="Mine").status_code == 403
    assert Firm.current().name == "Your firm"
    assert not events(action=Action.SETTINGS_CHANGED)


@pytest.mark.parametrize(
    "limits", [{"idle_minutes": 0}, {"idle_minutes": 721}, {"session_hours": 0}, {"session_hours": 169}]
)
def test_a_limit_of_sessions_that_shuts_all_out_or_limits_nothing_is_refused(browser, limits):
    page = save(browser, **limits)

    assert "Give" in page.text
    assert (Firm.fresh().idle_minutes, Firm.fresh().session_hours) == (60, 12)
