"""Sending files with the script: chosen, dropped with their folders, photographed; cut off, resumed, and told in words."""

import hashlib
import os
import re
from zipfile import ZipFile

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import CLIENT, PHONE, STAFF
from tests.browser.pages import COUPLE
from tests.browser.ways import show_anew, through

DROP = """([name, size]) => {
    const dropped = new DataTransfer();
    dropped.items.add(new File([new Uint8Array(size)], name));
    return dropped;
}"""


@pytest.fixture
def cabinet(visit, portal):
    """A firm user's page of a client's cabinet."""
    page = visit(STAFF)
    through("/files/", COUPLE)(page, portal)
    return page


def choose(page, *paths, label="Files to send"):
    page.get_by_label(label).set_input_files(paths)


def row(page, name):
    return page.locator(".queue__item").filter(has=page.locator(f'[title$="{name}"]'))


def received(page, words):
    expect(page.locator("[data-done]")).to_contain_text(words, timeout=60_000)


def hash_of(page, name):
    fetch = show_anew(page, page.get_by_role("link", name=f"Download {name}"))
    with page.expect_download() as started:
        fetch.click()
    with open(started.value.path(), "rb") as fetched:
        return hashlib.file_digest(fetched, "sha256").hexdigest()


def slow_down(page, bytes_a_second):
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    speeds = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes_a_second}
    session.send("Network.emulateNetworkConditions", speeds)
    return session


def test_what_is_chosen_on_the_home_page_is_sent_there_and_stands_in_its_list(visit, tmp_path):
    page = visit(CLIENT)
    page.goto("/")
    path = tmp_path / "Lease.txt"
    path.write_text("a lease")
    choose(page, path)
    received(page, "Received Lease.txt.")
    expect(page.locator("#recent-files").get_by_role("link", name="Lease.txt")).to_be_visible()
    choose(page, path)
    received(page, "Received Lease.txt.")
    expect(row(page, "Lease.txt").last).to_contain_text("as version 2")
    page.goto("/files/")
    page.get_by_label("Select Lease.txt").check()
    expect(page.locator("[data-selection-words]")).to_have_text("1 file, 7 bytes")


def test_a_folder_with_two_hundred_files_is_dropped_anywhere_on_the_page(visit, tmp_path):
    tree = tmp_path / "Filing box"
    for number in range(200):
        path = tree / f"Month {number % 12 + 1}" / ("Receipts" if number % 2 else "") / f"Receipt {number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"receipt {number}")
    page = visit(CLIENT)
    page.goto("/files/")
    session = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(tree)], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver"):
        session.send("Input.dispatchDragEvent", {"type": kind, "x": 700, "y": 600, "data": data})
    expect(page.locator(".dropzone")).to_have_class(re.compile("is-over"))
    session.send("Input.dispatchDragEvent", {"type": "drop", "x": 700, "y": 600, "data": data})
    expect(page.locator(".queue__head")).to_contain_text("of 200 received")
    assert page.locator(".queue__item").count() <= 30
    expect(page.locator("[data-done]")).to_contain_text("and 190 more.", timeout=120_000)
    expect(page.locator("[data-status]")).to_have_text("200 files received.")

    page.locator("#files-here").get_by_role("link", name="Filing box").click()
    page.get_by_role("link", name="Month 2", exact=True).click()
    page.get_by_role("link", name="Receipts", exact=True).click()
    expect(page.locator("#files-here").get_by_text(re.compile(r"^Receipt \d+\.txt$"))).to_have_count(17)

    page.goto("/files/")
    page.get_by_label(f"Select {tree.name}").check()
    with page.expect_download() as started:
        page.locator(".selection").get_by_role("button", name="Download").click()
    with ZipFile(started.value.path()) as archive:
        held = {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}
    sent = {str(path.relative_to(tmp_path)): path.read_bytes() for path in tree.rglob("*.txt")}
    assert len(sent) == 200
    assert held == sent


def test_a_phone_takes_a_photo_and_sends_it_under_its_time(visit):
    page = visit(CLIENT, size=PHONE, has_touch=True, is_mobile=True)
    page.goto("/")
    expect(page.get_by_role("button", name="Choose a folder")).to_be_hidden()
    camera = page.locator("[data-photo-input]")
    assert [camera.get_attribute(name) for name in ("accept", "capture")] == ["image/*", "environment"]
    with page.expect_file_chooser() as asked:
        page.get_by_role("button", name="Take a photo").click()
    asked.value.set_files({"name": "image.jpg", "mimeType": "image/jpeg", "buffer": b"\xff\xd8\xff"})
    expect(page.locator("[data-done]")).to_have_text(re.compile(r"^Received Photo [\d-]{10} [\d.]{8}\.jpg\.$"))
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]


def test_a_lost_connection_is_told_and_sending_goes_on_by_itself(cabinet, tmp_path):
    path = tmp_path / "Again.bin"
    path.write_bytes(os.urandom(20_000_000))
    cabinet.route("**/parts/2/", lambda route: route.abort("connectionreset"))
    choose(cabinet, path)
    expect(row(cabinet, "Again.bin")).to_contain_text(
        re.compile(r"Connection lost at \d+%, trying again"), timeout=20_000
    )
    cabinet.unroute_all()
    cabinet.complaints.clear()  # Chromium's own note of the request that failed
    cabinet.evaluate("window.dispatchEvent(new Event('online'))")
    received(cabinet, "Received Again.bin.")
    assert hash_of(cabinet, "Again.bin") == hashlib.sha256(path.read_bytes()).hexdigest()


def test_what_was_cut_off_is_resumed_in_a_new_tab(visit, portal, tmp_path):
    path = tmp_path / "Backup.qbb"
    path.write_bytes(os.urandom(36_000_000))
    page = visit(CLIENT)
    page.goto("/files/")
    slow_down(page, 4_000_000)
    choose(page, path)
    page.wait_for_event("response", lambda answer: answer.request.method == "PUT", timeout=60_000)
    page.goto("about:blank")
    page.close()

    page = visit(CLIENT)
    page.goto("/files/")
    page.get_by_text(re.compile(r"^\d+ unfinished upload")).wait_for()  # others may wait there too
    slow_down(page, 100_000)  # the words stay until more of it is sent
    choose(page, path)
    expect(row(page, "Backup.qbb")).to_contain_text(re.compile(r"resumed at [1-9]\d*%"))
    page.get_by_role("button", name="Pause: Backup.qbb").click()
    expect(row(page, "Backup.qbb")).to_contain_text(re.compile(r"Paused at [1-9]\d*%"))
    slow_down(page, -1)
    page.get_by_role("button", name="Resume: Backup.qbb").click()
    received(page, "Received Backup.qbb.")
    assert hash_of(page, "Backup.qbb") == hashlib.sha256(path.read_bytes()).hexdigest()


def test_both_are_kept_on_demand_a_twin_is_told_and_one_that_is_cancelled_is_gone(cabinet, tmp_path):
    path = tmp_path / "Ledger.bin"
    path.write_bytes(os.urandom(9_000_000))
    choose(cabinet, path)
    received(cabinet, "Received Ledger.bin.")
    os.utime(path, (1, 1))
    slow_down(cabinet, 3_000_000)
    choose(cabinet, path)
    second = row(cabinet, "Ledger.bin").last
    expect(second).to_contain_text("becomes version 2")
    second.get_by_role("button", name="Keep both instead: Ledger.bin").click()
    expect(second).to_contain_text("as Ledger (2).bin", timeout=30_000)
    expect(second).to_contain_text("The same file is already here: Ledger.bin")

    other = tmp_path / "Unwanted.bin"
    other.write_bytes(os.urandom(20_000_000))
    choose(cabinet, other)
    expect(row(cabinet, "Unwanted.bin")).to_contain_text("%")
    with cabinet.expect_response(lambda answer: answer.request.method == "DELETE") as given_up:
        cabinet.get_by_role("button", name="Cancel: Unwanted.bin").click()
    assert given_up.value.status == 200
    expect(row(cabinet, "Unwanted.bin")).to_have_count(0)
    cabinet.goto("/files/uploads/")
    expect(cabinet.get_by_role("heading", name="Unfinished uploads")).to_be_visible()
    expect(cabinet.get_by_text("Unwanted.bin")).to_have_count(0)


def test_leaving_while_something_is_sent_is_asked_about(cabinet, tmp_path):
    path = tmp_path / "Long.bin"
    path.write_bytes(bytes(20_000_000))
    slow_down(cabinet, 500_000)
    choose(cabinet, path)
    row(cabinet, "Long.bin").click()
    asked = []
    cabinet.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    cabinet.close(run_before_unload=True)
    cabinet.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    with cabinet.expect_response(lambda answer: answer.request.method == "DELETE"):
        cabinet.get_by_role("button", name="Cancel: Long.bin").click()


def test_what_is_too_large_is_refused_at_once_and_what_the_portal_refuses_is_told_in_its_words(cabinet, tmp_path):
    requests = []
    cabinet.on("request", lambda request: request.method == "POST" and requests.append(request.url))
    with open(tmp_path / "Scan.pdf", "wb") as large:
        large.truncate(41_000_000)
    choose(cabinet, tmp_path / "Scan.pdf")
    expect(cabinet.locator("[data-too-large]")).to_have_text(
        "Scan.pdf: larger than 40 MB, the most that one file may have."
    )
    assert requests == []
    words = '{"error": "There is no room for this file. The firm has to make room first."}'
    cabinet.route("**/files/uploads/", lambda route: route.fulfill(status=507, body=words))
    dropped = cabinet.evaluate_handle(DROP, ["Dropped.bin", 3_000_000])
    cabinet.locator("body").dispatch_event("drop", {"dataTransfer": dropped})
    expect(row(cabinet, "Dropped.bin")).to_contain_text("There is no room for this file.")
    expect(cabinet.locator("[data-status]")).to_contain_text("Dropped.bin: There is no room for this file.")
    cabinet.unroute_all()
    cabinet.get_by_role("button", name="Resume: Dropped.bin").click()
    received(cabinet, "Received Dropped.bin.")
