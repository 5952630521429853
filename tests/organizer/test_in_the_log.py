"""What the Activity Log's filter finds of the Tax Organizer."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from lxml import html

from activity.actions import Action
from organizer.models import Visit
from reports.filters import log as log_filter
from tests.organizer.asking import answer, published, sent


@pytest.fixture
def listed(sign_in):
    """The page's events, or what its filter says is wrong: ``listed(reader, query)``."""

    def listed(reader, **query):
        page = sign_in(reader).get(reverse("activity"), query)
        said = html.fromstring(page.content).xpath("//div[@role='alert']//a/text()")
        return said or [(event.actor_email, event.label, event.client_name) for event in page.context["page"]]

    return listed


def test_who_logged_into_the_tax_organizer_and_nobody_else(cast, sign_in, listed):
    version = published(cast)
    mine, theirs, unopened = (sent(cast, client=one, version=version) for one in (cast.acme, cast.other, cast.acme))
    opened = "Logged into the Tax Organizer"
    for person, organizer in ((cast.client, mine), (cast.second, mine), (cast.stranger, theirs)):
        browser = sign_in(person)
        browser.get(organizer.get_absolute_url())
        browser.get(reverse("organizer-section", args=[organizer.pk, "about"]))
        browser.get(reverse("organizer-check", args=[organizer.pk]))
    Visit.objects.filter(by=cast.second).update(at=timezone.now() - timedelta(hours=2))
    sign_in(cast.second).get(mine.get_absolute_url())  # again, hours later
    assert sign_in(cast.stranger).get(mine.get_absolute_url()).status_code == 404
    sign_in(cast.firm_user).get(mine.get_absolute_url())
    sign_in(cast.client).get(reverse("organizers"))  # the list alone is none

    acme, other = cast.acme.name, cast.other.name
    once = [(cast.stranger.email, opened, other), (cast.second.email, opened, acme), (cast.client.email, opened, acme)]
    assert listed(cast.administrator, action=Action.ORGANIZER_OPENED) == [(cast.second.email, opened, acme), *once]
    assert listed(cast.administrator, action=Action.ORGANIZER_OPENED, client=cast.other.pk) == once[:1]
    assert listed(cast.administrator, action=Action.ORGANIZER_OPENED, user=cast.client.pk) == once[2:]


def test_organizers_and_templates_are_found_by_their_name_and_year(cast, listed, monkeypatch):
    sent(cast)
    theirs = sent(cast, client=cast.other)
    answer(theirs, cast.stranger, name="Marcus")
    staff, stranger, acme, other = cast.firm_user.email, cast.stranger.email, cast.acme.name, cast.other.name

    of_acme = (staff, "Sent an organizer", acme)
    of_other = {(staff, "Sent an organizer", other)}
    of_other |= {(stranger, label, other) for label in ("Started an organizer", "Saved a section")}
    of_firm = {(cast.administrator.email, label, "") for label in ("Made a template", "Published a template")}
    assert set(listed(cast.administrator, q="individual 2026")) == {of_acme, *of_other, *of_firm}
    assert listed(cast.administrator, q="ual 20", client=cast.acme.pk) == [of_acme]
    assert listed(cast.administrator, q="individual 2025") == []
    assert listed(cast.auditor, q="individual") == listed(cast.administrator, q="individual")
    monkeypatch.setattr(log_filter, "MOST_NAMES", 1)
    (words,) = listed(cast.administrator, q="individual")
    assert "More than 1 Tax Organizers are called “individual”. Choose a client as well." in words
