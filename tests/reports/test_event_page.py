"""One event: every column in words, what was before and after, what else they did, and what proves it."""

import pytest
from django.urls import reverse

from activity.actions import Action
from activity.checkpoints import make_checkpoint
from activity.models import Event
from activity.recording import Subject, record

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile/15E148 Safari/604.1"


def page(browser, event):
    return browser.get(reverse("event", args=[event.seq])).text


def latest(**filters):
    return Event.objects.filter(**filters).latest("seq")


def test_it_says_everything_that_was_recorded(sign_in, cast, w2):
    sign_in(cast.client).get(reverse("file-download", args=[w2.pk]), HTTP_USER_AGENT=PHONE, REMOTE_ADDR="203.0.113.9")
    event = latest(action=Action.FILE_DOWNLOADED)
    text = page(sign_in(cast.administrator), event)

    for words in (
        "Downloaded a file", f"Event {event.seq}", "ngozi@acme.example.com", "(Client user)", "W-2 2025.pdf", "Acme Dental PC",
        "(14 bytes)", "203.0.113.9", "Safari on iPhone", PHONE, event.request_id, bytes(event.hash).hex(),
        event.at.strftime("%Y-%m-%d %H:%M:%S.%f UTC"), "the next checkpoint, within the hour",
    ):  # fmt: skip
        assert words in text, words
    made = make_checkpoint()
    assert f"the checkpoint of event {made.size}</a>" in page(sign_in(cast.administrator), event)


def test_before_and_after_stand_side_by_side(sign_in, cast):
    cast.client.change(by=cast.administrator, name="Ngozi Adeyemi", may_send_files=False)
    text = page(sign_in(cast.administrator), latest(action=Action.USER_CHANGED))

    assert "Before and after" in text
    assert '<td role="cell" class="wrap" data-label="Before">Ngozi Okafor</td>' in text
    assert '<td role="cell" class="wrap" data-label="After">Ngozi Adeyemi</td>' in text
    assert '<td role="cell" class="wrap" data-label="After">False</td>' in text


def test_an_event_without_a_change_shows_none(sign_in, cast):
    record(Action.LOG_VIEWED, by=cast.auditor)

    assert "Before and after" not in page(sign_in(cast.administrator), latest(action=Action.LOG_VIEWED))


def test_what_still_exists_is_linked_to_whoever_may_see_it(sign_in, cast, w2):
    event = latest(action=Action.FILE_UPLOADED)
    address = reverse("file", args=[w2.pk])

    assert f'href="{address}"' in page(sign_in(cast.administrator), event)
    assert address not in page(sign_in(cast.auditor), event)
    type(w2).objects.filter(pk=w2.pk).update(current=None)
    w2.versions.all().delete()
    w2.delete()
    assert address not in page(sign_in(cast.administrator), event)


@pytest.mark.parametrize(
    ("kind", "number"), [("file", "x"), ("user", ""), ("folder", "7"), ("page", "1"), ("client", "x")]
)
def test_an_odd_subject_is_only_words(sign_in, cast, kind, number):
    event = record(Action.ACCESS_DENIED, by=cast.client, subject=Subject(kind, number, "Something <odd>"))

    assert "<dd>Something &lt;odd&gt;</dd>" in page(sign_in(cast.administrator), event)


def test_the_same_persons_neighbours_are_one_step_away(sign_in, cast):
    browser = sign_in(cast.administrator)
    mine = []
    for person in (cast.client, cast.auditor, cast.client, cast.auditor, cast.client):
        event = record(Action.LOG_VIEWED, by=person)
        mine += [event] if person == cast.client else []
    text = page(browser, mine[1])

    assert f'rel="prev" href="{reverse("event", args=[mine[0].seq])}"' in text
    assert f'rel="next" href="{reverse("event", args=[mine[2].seq])}"' in text
    assert 'rel="next"' not in page(browser, mine[2])


def test_the_portals_own_events_have_each_other_as_neighbours(sign_in, cast):
    first, second = (record(Action.PORTAL_PREPARED) for _ in range(2))
    text = page(sign_in(cast.auditor), second)

    assert "<dd>System</dd>" in text
    assert f'rel="prev" href="{reverse("event", args=[first.seq])}"' in text
