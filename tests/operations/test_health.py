"""What tells whoever starts, stops and balances processes how they are."""

from datetime import timedelta

import pytest
from django.utils import timezone

from activity.models import Event
from operations import health, healthcheck, startup
from operations.heartbeat import beat
from operations.models import Heartbeat


@pytest.mark.parametrize("address", ["/healthz/live", "/healthz/ready", "/healthz"])
def test_each_answers_any_host_and_leaves_nothing_in_the_log(address, client, portal_with_a_key):
    answer = client.get(address, HTTP_HOST="10.0.0.7:8000")

    assert (answer.status_code, answer.text) == (200, "alive\n" if address == "/healthz/live" else "ready\n")
    assert "X-Request-ID" not in answer.headers
    assert not answer.cookies
    assert not Event.objects.exists()


def test_a_process_that_cannot_serve_is_alive_and_not_ready(client, portal_with_a_key, monkeypatch):
    monkeypatch.setattr(health, "problems", lambda: ["the storage cannot be used: it is away"])

    assert client.get("/healthz/live").status_code == 200
    for address in ("/healthz", "/healthz/ready"):
        answer = client.get(address)
        assert (answer.status_code, answer.text) == (503, "the storage cannot be used: it is away\n")


def test_to_be_alive_the_database_is_not_asked(client, db, django_assert_num_queries):
    with django_assert_num_queries(0):
        client.get("/healthz/live")


@pytest.mark.parametrize("process", Heartbeat.Process)
def test_a_container_is_healthy_while_its_own_process_is_heard_of(process, portal_with_a_key):
    def said():
        with pytest.raises(SystemExit) as end:
            healthcheck.main(process)
        return end.value.code

    silent = f"the {process} of this machine was not heard of for 3 minutes"
    assert said() == silent
    for other in Heartbeat.Process:
        Heartbeat.objects.create(process=other, machine="elsewhere")
    assert said() == silent
    beat(process)
    assert said() is None
    Heartbeat.objects.update(at=timezone.now() - timedelta(minutes=4))
    assert said() == silent


def test_a_container_that_cannot_come_to_the_storage_says_so(portal_with_a_key, monkeypatch):
    monkeypatch.setattr(startup, "problems", lambda: ["the storage cannot be used: it is away"])
    with pytest.raises(SystemExit, match="the storage cannot be used"):
        healthcheck.main("worker")
