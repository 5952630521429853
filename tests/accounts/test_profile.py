from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from accounts.models import Firm
from activity.actions import Action
from files.models import Version
from tests.conftest import put_file

PROFILE = "/account/"


def test_one_changes_ones_name_and_time_zone_and_the_log_says_both_before_and_after(sign_in, cast, events):
    given = {"name": "Ngozi A. Okafor", "time_zone": "America/Chicago", "file_notices": "daily"}
    page = sign_in(cast.client).post(PROFILE, given, follow=True)
    cast.client.refresh_from_db()

    assert "Your account is changed." in page.text
    assert (cast.client.name, cast.client.time_zone) == ("Ngozi A. Okafor", "America/Chicago")
    (event,) = events(action=Action.PROFILE_CHANGED)
    assert (event.actor_email, event.subject, event.client_id) == (
        cast.client.email,
        cast.client.email,
        cast.acme.pk,
    )
    assert event.details == {
        "before": {"name": "Ngozi Okafor", "time_zone": "", "file_notices": "at-once", "gets_receipts": "True"},
        "after": {**given, "gets_receipts": "False"},
    }


@pytest.mark.parametrize(
    "given",
    [
        {"name": "N", "time_zone": "Mars/Olympus", "file_notices": "daily"},
        {"name": "x" * 151, "time_zone": "", "file_notices": "daily"},
        {"name": "N", "time_zone": "../x", "file_notices": "daily"},
        {"name": "N", "time_zone": "", "file_notices": "hourly"},
    ],
)
def test_what_makes_no_sense_is_refused(sign_in, cast, events, given):
    page = sign_in(cast.client).post(PROFILE, given)
    cast.client.refresh_from_db()

    assert page.status_code == 200
    assert "Error: Your account" in page.text
    assert cast.client.name == "Ngozi Okafor"
    assert not events(action=Action.PROFILE_CHANGED)


def test_nothing_but_name_and_zone_can_be_changed_there(sign_in, cast):
    given = {"name": "N", "time_zone": "", "file_notices": "daily", "email": "x@example.com", "role": "administrator"}
    sign_in(cast.client).post(PROFILE, given)
    cast.client.refresh_from_db()

    assert (cast.client.email, cast.client.role, cast.client.is_active) == (
        "ngozi@acme.example.com",
        "client_user",
        True,
    )


@pytest.mark.parametrize("zone", ["", "America/Los_Angeles", "Asia/Kathmandu", "Pacific/Honolulu"])
def test_times_on_a_page_are_in_the_zone_of_whoever_reads_it(sign_in, cast, zone):
    moment = (timezone.now() - timedelta(days=2)).replace(hour=4, minute=17, second=5, microsecond=0)
    put_file(cast.acme.cabinet.top, by=cast.firm_user)
    Version.objects.update(at=moment)
    Firm.current().change(time_zone="America/Phoenix", by=cast.administrator)
    cast.client.time_zone = zone
    cast.client.save()
    page = sign_in(cast.client).get("/")

    local = moment.astimezone(ZoneInfo(zone or "America/Phoenix"))
    assert f'<time datetime="{local.isoformat()}"' in page.text


def test_one_persons_zone_does_not_stay_for_the_next(sign_in, cast):
    moment = datetime(2026, 1, 15, 23, 30, tzinfo=UTC)
    put_file(cast.acme.cabinet.top, by=cast.client)
    Version.objects.update(at=moment)
    cast.client.time_zone = "Asia/Tokyo"
    cast.client.save()

    assert "2026-01-16T08:30:00+09:00" in sign_in(cast.client).get("/").text
    assert "2026-01-15T18:30:00-05:00" in sign_in(cast.second).get("/").text
