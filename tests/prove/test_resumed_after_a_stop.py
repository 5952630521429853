"""300 MB are on their way when the server stops; in a new tab, and a new process of the server, they go on to the end."""

import hashlib
import os
import re

import pytest
from playwright.sync_api import expect

from tests import servers
from tests.browser.chromium import CLIENT, Visits
from tests.prove.inspect_portal import state_of

SIZE_BYTES = 300_000_000
ACCESS_LOG = "--access-logfile - --access-logformat 'asked %(m)s %(U)s %({content-length}i)s'"

# The words may stand for a moment only: the rest of the file goes straight to the store
NOTE_WHERE_IT_RESUMES = """() => new MutationObserver(() => {
    window.resumedAt ??= document.querySelector(".queue")?.innerText.match(/resumed at (\\d+)%/)?.[1];
}).observe(document.body, {subtree: true, childList: true, characterData: true})"""


@pytest.fixture(params=["SQLite and a folder", "PostgreSQL and S3"])
def stoppable(request):
    if request.param == "SQLite and a folder":
        with servers.portal(GUNICORN_CMD_ARGS=ACCESS_LOG) as portal:
            yield portal
    else:
        with (
            servers.postgresql() as database,
            servers.s3() as store,
            servers.portal(DATABASE_URL=database, STORAGE_URL=store, GUNICORN_CMD_ARGS=ACCESS_LOG) as portal,
        ):
            yield portal


def test_a_large_file_is_resumed_in_a_new_tab_after_the_server_was_stopped(stoppable, browser, tmp_path, say, request):
    portal, path = stoppable, tmp_path / "QuickBooks backup.qbb"
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for _ in range(300):
            piece = os.urandom(SIZE_BYTES // 300)
            file.write(piece)
            digest.update(piece)
    visits = Visits(browser, portal.url)
    page = visits.open(CLIENT)
    page.goto("/files/")
    page.get_by_label("Files to send").set_input_files(path)
    expect(page.locator(".queue .queue__state").first).to_contain_text(re.compile(r"\b[3-9]\d%"), timeout=120_000)
    page.context.set_offline(True)  # parts for a bucket need no portal, and would all arrive
    portal.stop()
    page.wait_for_timeout(1_500)
    page.context.close()
    portal.start()

    page = visits.open(CLIENT)
    page.goto("/files/")
    page.evaluate(NOTE_WHERE_IT_RESUMES)
    page.get_by_label("Files to send").set_input_files(path)
    expect(page.locator("[data-done]")).to_contain_text("Received QuickBooks backup.qbb.", timeout=240_000)
    told = page.evaluate("window.resumedAt")
    page.context.close()

    portal.stop()
    asked = re.findall(r"asked (\w+) (\S+) (\d+|-)", (portal.var / "server.log").read_text())
    parts = [int(length) for method, address, length in asked if method == "PUT" and "/parts/" in address]
    bodies = sum(int(length) for *_, length in asked if length != "-")
    version = next(one for one in state_of(portal).versions if one.name == path.name)
    say(f"{request.node.callspec.id}: resumed at {told}%; {len(parts)} parts, {bodies:,} bytes went through the portal")
    assert int(told) >= 10
    assert version.is_whole
    assert version.sha256 == digest.hexdigest()
    if "S3" in request.node.callspec.id:
        assert (parts, bodies < 100_000) == ([], True)
    else:
        assert SIZE_BYTES * 0.9 <= sum(parts) <= SIZE_BYTES * 1.5
