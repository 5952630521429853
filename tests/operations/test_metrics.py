"""The figures for Prometheus: who gets them, what they say, and what they never say."""

import re

import pytest
from django.db import DatabaseError
from django.test import Client as Browser
from prometheus_client.parser import text_string_to_metric_families

from activity.checkpoints import make_checkpoint
from activity.models import Event
from operations import figures
from operations.heartbeat import beat
from portal import environment
from reports.slots import take_slot
from tests.conftest import PASSWORD, put_file
from tests.operations.test_status import add_task, lose_the_scanner, lose_the_storage


@pytest.fixture
def allowed(settings, monkeypatch):
    """Whoever asks from these may have the metrics: ``allowed("10.0.0.0/8")``."""

    def allowed(value):
        monkeypatch.setenv("TEST_METRICS_ALLOWED", value)
        settings.METRICS_ALLOWED = environment.networks("TEST_METRICS_ALLOWED")

    return allowed


@pytest.fixture
def measured(allowed):
    """The samples as Prometheus reads them: ``measured()`` gives {(name, *labels by name): value}."""
    allowed("127.0.0.1")

    def measured():
        answer = Browser().get("/metrics")
        assert answer.status_code == 200
        assert answer["Content-Type"].startswith("text/plain; version=")
        families = text_string_to_metric_families(answer.text)
        return {
            (one.name, *dict(sorted(one.labels.items())).values()): one.value
            for family in families
            for one in family.samples
        }

    return measured


@pytest.mark.parametrize(
    ("networks", "address", "proxies", "forwarded", "status"),
    [
        ("", "127.0.0.1", 0, None, 404),
        ("127.0.0.1", "127.0.0.1", 0, None, 200),
        ("127.0.0.1 10.1.0.0/16", "10.1.2.3", 0, None, 200),
        ("127.0.0.1,10.1.0.0/16", "10.2.0.1", 0, None, 404),
        ("::1", "127.0.0.1", 0, None, 404),
        ("::1", "::1", 0, None, 200),
        ("127.0.0.1", "127.0.0.1", 0, "127.0.0.1", 404),  # a proxy that nobody told the portal of
        ("127.0.0.1", "127.0.0.1", 1, "203.0.113.7", 404),
        ("127.0.0.1", "127.0.0.1", 1, "127.0.0.1, 203.0.113.7", 404),
        ("203.0.113.0/24", "127.0.0.1", 1, "203.0.113.7", 200),
        ("127.0.0.1", "127.0.0.1", 1, None, 200),  # not through the proxy
        ("127.0.0.1", "nowhere", 0, None, 404),
    ],
)
def test_only_addresses_that_are_named_get_them(
    networks, address, proxies, forwarded, status, allowed, client, db, settings
):
    allowed(networks)
    settings.TRUSTED_PROXY_COUNT = proxies
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    answer = client.get("/metrics", REMOTE_ADDR=address, headers=headers)

    assert answer.status_code == status
    nowhere = client.get("/nowhere", REMOTE_ADDR=address, headers=headers)
    assert (answer.content == nowhere.content) is (status == 404)
    assert not Event.objects.exists()


def test_any_host_may_stand_in_the_request(allowed, client, db):
    allowed("127.0.0.1")
    assert client.get("/metrics", HTTP_HOST="10.0.0.7:8000").status_code == 200
    assert not Event.objects.exists()


def test_requests_are_counted_under_the_name_of_their_view(measured, cast):
    before = measured()
    browser = Browser()
    for address in ("/account/login/", "/account/login/", "/nowhere/1/", "/nowhere/2/", "/files/"):
        browser.get(address)
    browser.generic("ZZZ", "/account/login/")
    browser.post("/account/login/", {"login": cast.client.email, "password": PASSWORD})
    after = measured()

    counted = {key[1:]: after[key] - before.get(key, 0) for key in after if key[0] == "portal_requests_total"}
    assert {key: count for key, count in counted.items() if count} == {
        ("GET", "2xx", "account_login"): 2,
        ("other", "4xx", "account_login"): 1,
        ("POST", "3xx", "account_login"): 1,
        ("GET", "4xx", "none"): 2,
        ("GET", "3xx", "exchange"): 1,
    }
    name = "portal_request_seconds_count"
    assert after[name, "account_login"] - before.get((name, "account_login"), 0) == 4
    assert after["portal_request_seconds_bucket", "+Inf", "account_login"] >= 4


def test_bytes_are_counted_both_ways(measured, cast, client):
    file = put_file(cast.acme.cabinet.top, by=cast.client)
    before = measured()
    put_file(cast.acme.cabinet.top, content=b"x" * 1000, by=cast.client)  # a new version of the first
    client.force_login(cast.firm_user)
    b"".join(client.get(f"/files/{file.pk}/download/"))
    after = measured()

    for name in ("received", "handed_out"):
        key = (f"portal_files_{name}_bytes_total",)
        assert after[key] - before[key] == 1000


def test_the_portal_stands_as_they_say(measured, cast, portal_with_a_key, settings, clamd):
    put_file(cast.acme.cabinet.top, content=b"x" * 1000, by=cast.client)
    add_task("FAILED", finished_at=make_checkpoint().at)
    add_task("RUNNING", task_path="files.tasks.check_version")
    beat("clock")
    slot = take_slot()
    found = measured()
    slot.release()

    assert found["portal_database_up",] == found["portal_storage_up",] == found["portal_scanner_up",] == 1
    assert found["portal_database_bytes",] > 100_000
    assert found["portal_storage_used_bytes",] == 1000
    assert found["portal_storage_free_bytes",] > 0
    assert found["portal_log_head_seq",] == Event.objects.count()
    assert found["portal_tasks_waiting", "mail"] == 2
    assert found["portal_tasks_oldest_seconds", "mail"] >= 0
    assert found["portal_tasks_failed", "mail"] == 1
    assert found["portal_tasks_running", "default"] == 1
    assert found["portal_tasks_waiting", "reports"] == 0
    assert found["portal_heartbeat_timestamp_seconds", "clock"] > 1_700_000_000
    assert found["portal_heartbeat_timestamp_seconds", "worker"] == 0
    assert found["portal_last_checkpoint_timestamp_seconds",] > 1_700_000_000
    assert found["portal_last_backup_timestamp_seconds",] == 0
    assert found["portal_log_is_whole",] != found["portal_log_is_whole",]  # not a number: it was not verified yet
    assert found["portal_exports_running",] == 1
    assert found["portal_info", settings.VERSION] == 1
    assert measured()["portal_exports_running",] == 0


def test_what_does_not_answer_is_down_and_the_rest_is_told(measured, db, settings, monkeypatch):
    def fail():
        raise DatabaseError("it is away")

    monkeypatch.setattr(figures, "database_bytes", fail)
    lose_the_storage(settings)
    lose_the_scanner(settings)
    found = measured()

    assert [found[f"portal_{name}_up",] for name in ("database", "storage", "scanner")] == [0, 0, 0]
    assert ("portal_exports_running",) in found
    assert ("portal_sessions",) not in found


def test_no_label_holds_anything_of_a_person_or_a_request(measured, cast, client):
    secret = "zq7SecretAsLongAsTheTokensOfThePortal"
    file = put_file(cast.acme.cabinet.top, f"{secret}.pdf", by=cast.client)
    client.force_login(cast.administrator)
    for address in (
        f"/accounts/invitations/{secret}/",
        f"/{secret}/?q={secret}",
        f"/files/{file.pk}/",
        f"/files/search/?q={secret}",
        f"/accounts/clients/{cast.acme.pk}/",
        f"/static/{secret}.css",
    ):
        client.get(address, headers={"user-agent": secret})
    client.generic(secret[:20], "/")
    measured()
    text = Browser().get("/metrics").text

    assert secret[:20] not in text
    assert "@" not in text
    assert not [name for name in ("Acme", "Ruth", "ngozi", str(file.pk)) if name in text]
    views = set(re.findall(r'view="([^"]*)"', text))
    assert {"invitation", "file", "file-search", "client", "static", "none"} <= views


def test_nothing_is_counted_where_nobody_may_ask(settings, allowed, measured, client, db):
    before = measured()
    settings.METRICS_ALLOWED = []
    client.get("/account/login/")
    allowed("127.0.0.1")
    key = ("portal_requests_total", "GET", "2xx", "account_login")
    assert measured().get(key) == before.get(key)
