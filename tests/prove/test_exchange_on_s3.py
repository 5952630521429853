"""What the browser's tests show of files, once more on PostgreSQL and an S3 store: no part passes through the portal."""

import inspect
import re
import subprocess
import sys

import pytest

from tests import servers
from tests.browser import (
    conftest,
    test_keyboard,
    test_previewing,
    test_requests,
    test_uploading,
    test_without_javascript,
)
from tests.prove.inspect_portal import state_of

ACCESS_LOG = "--access-logfile - --access-logformat 'asked %(m)s %(U)s %({content-length}i)s'"
FLOWS = [
    test_uploading.test_a_folder_with_two_hundred_files_is_dropped_anywhere_on_the_page,
    test_uploading.test_a_phone_takes_a_photo_and_sends_it_under_its_time,
    test_keyboard.test_files_are_ticked_moved_deleted_and_put_back_by_keys_alone,
    test_previewing.test_each_kind_of_file_is_shown_without_leaving_the_page,
    test_requests.test_a_client_sends_what_is_missing_and_its_line_is_ticked,
    test_requests.test_a_guest_sends_over_a_mailed_link_with_a_mailed_code,
    test_without_javascript.test_a_folder_and_a_file_are_moved_fetched_deleted_and_put_back,
]

# The fixtures that the flows ask for, at this module's portal
visits, visit = conftest.visits, conftest.visit
folder, kinds = test_keyboard.folder, test_previewing.kinds
bare_visit, notes = test_without_javascript.bare_visit, test_without_javascript.notes


@pytest.fixture(scope="session")
def portal():
    with (
        servers.postgresql(is_durable=False) as database,
        servers.s3() as store,
        servers.portal(DATABASE_URL=database, STORAGE_URL=store, GUNICORN_CMD_ARGS=ACCESS_LOG) as portal,
    ):
        worker = subprocess.Popen([sys.executable, "manage.py", "work"], cwd=servers.ROOT, env=portal.env)
        try:
            yield portal
        finally:
            worker.terminate()
            worker.wait(30)


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.__name__.removeprefix("test_"))
def test_the_same_goes_on_s3(flow, request):
    flow(**{name: request.getfixturevalue(name) for name in inspect.signature(flow).parameters})


def test_no_part_passed_through_the_portal(portal, say):
    asked = re.findall(r"asked (\w+) (\S+) (\d+|-)", (portal.var / "server.log").read_text())
    bodies = [(address, int(length)) for method, address, length in asked if method != "GET" and length != "-"]
    forms = sum(length for address, length in bodies if re.search(r"/folders/[^/]+/files/$", address))
    largest = max(length for address, length in bodies if not re.search(r"/folders/[^/]+/files/$", address))
    completed = sum(address.endswith("/complete/") for address, _ in bodies)
    state = state_of(portal)
    stored = sum(version.size_bytes for version in state.versions)
    say(f"{completed} uploads of {stored:,} bytes; plain forms carried {forms:,}, any other body at most {largest:,}")
    assert completed > 200
    assert [address for method, address, _ in asked if method == "PUT"] == []
    assert largest < 10_000
    assert all(version.is_whole for version in state.versions)
