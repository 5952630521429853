"""A client fills in an organizer on a phone: nothing is lost with the connection, and nobody's answer is overwritten."""

import os
import re

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import CLIENT, PHONE, sign_in
from tests.browser.ways import send_organizers

SAVED = re.compile("^Saved")


@pytest.fixture(scope="module")
def addresses(portal):
    return iter(send_organizers(portal, 8))


@pytest.fixture
def address(addresses):
    """Of an organizer that no other test fills in."""
    return next(addresses)


@pytest.fixture
def phone(visit, address):
    """The client's page at the first section, with what it says of saving."""
    page = visit(CLIENT, size=PHONE)
    page.goto(f"{address}sections/about/")
    return page


def leave(page, label, text):
    page.get_by_label(label).fill(text)
    page.keyboard.press("Tab")


def state(page):
    return page.locator("[data-state]")


def test_answers_are_saved_as_they_are_left_and_what_follows_is_asked_at_once(phone):
    expect(phone.get_by_role("group", name="How do you file?")).to_be_hidden()
    phone.get_by_role("group", name="Were you married").get_by_label("Yes").check()
    expect(state(phone)).to_have_text(SAVED)
    phone.get_by_role("group", name="How do you file?").get_by_label("Married filing jointly").check()
    leave(phone, "Your SSN", "123-45-678")
    expect(phone.locator("#q-ssn-error")).to_contain_text("An SSN has nine digits")
    expect(phone.get_by_label("Your SSN")).to_have_attribute("aria-describedby", "q-ssn-help q-ssn-error")
    leave(phone, "Your SSN", "123-45-6789")
    expect(phone.get_by_text("•••••6789")).to_be_visible()
    expect(phone.locator("#q-ssn-error")).to_be_hidden()

    phone.reload()
    expect(phone.get_by_label("Married filing jointly")).to_be_checked()
    phone.get_by_role("button", name="Save and continue").click()
    phone.get_by_role("heading", name="Children", exact=True).wait_for()
    phone.get_by_role("button", name="Add: Child").click()
    phone.get_by_label("Name (needed)").fill("Emma")
    phone.get_by_role("group", name="Did the child live with you?").get_by_label("Yes").check()
    phone.get_by_label("For how many months?").fill("12")
    phone.get_by_role("button", name="Add another: Child").click()
    phone.get_by_role("group", name="Child 1, Emma").wait_for()
    expect(phone.get_by_label("For how many months?").first).to_have_value("12")
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE[0]


def test_what_is_written_without_a_connection_is_sent_later_even_by_another_page(phone, visit, address):
    leave(phone, "Your name", "Ngozi")
    expect(state(phone)).to_have_text(SAVED)
    phone.context.set_offline(True)
    leave(phone, "What else should we know?", "Moved in June.")
    expect(state(phone)).to_contain_text("Not saved: no connection")
    phone.get_by_role("button", name="Save and continue").click()
    leave(phone, "What else should we know?", "Moved in July.")
    leave(phone, "Your SSN", "123-45-6789")
    phone.context.set_offline(False)
    expect(state(phone)).to_have_text(SAVED)
    expect(phone.get_by_text("•••••6789")).to_be_visible()

    phone.context.set_offline(True)
    leave(phone, "What else should we know?", "Moved in May.")
    phone.get_by_label("Since when do you live there?").fill("2024")
    kept = phone.evaluate("Object.values(localStorage).join()")
    assert "Moved in May." in kept and "2024" in kept and "6789" not in kept
    phone.close()
    phone.context.set_offline(False)
    again = phone.context.new_page()
    again.goto(f"{address}sections/about/")
    expect(state(again)).to_have_text(SAVED)
    assert again.evaluate("localStorage.length") == 0
    another = visit(CLIENT)
    another.goto(f"{address}check/")
    for answer in ("Moved in May.", "2024", "•••••6789"):
        another.get_by_text(answer, exact=True).wait_for()
    phone.complaints.clear()  # of the connection


def test_who_was_signed_out_signs_in_again_and_goes_on(phone):
    phone.context.clear_cookies()
    leave(phone, "Your SSN", "123-45-6789")
    expect(state(phone)).to_contain_text("You were signed out.")
    another = phone.context.new_page()
    sign_in(another, CLIENT)
    expect(state(phone)).to_have_text(SAVED)
    expect(phone.get_by_text("•••••6789")).to_be_visible()
    phone.complaints.clear()  # of the form that was refused at first


def test_two_pages_that_answer_at_once_are_told_and_choose(phone, visit, address):
    other = visit(CLIENT, size=PHONE)
    other.goto(f"{address}sections/about/")
    leave(phone, "Your name", "Ngozi")
    expect(state(phone)).to_have_text(SAVED)
    leave(other, "Your name", "Daniel")
    conflict = other.get_by_role("group", name="Which answer counts?")
    expect(conflict).to_contain_text("On another page you answered “Ngozi” just now; you wrote “Daniel”.")
    conflict.get_by_label("Take “Daniel”").click()  # not check(): it looks again, and what is chosen from goes
    expect(conflict).to_be_hidden()
    phone.reload()
    expect(phone.get_by_label("Your name")).to_have_value("Daniel")
    with other.expect_response("**/answers/"):  # that it is saved was said of the answer before
        leave(other, "Your name", "Daniel O.")
    leave(phone, "Your name", "Ngozi O.")
    phone.get_by_label("Keep “Daniel O.”").click()
    expect(phone.get_by_label("Your name", exact=False).first).to_have_value("Daniel O.")


def test_files_are_sent_from_the_question(phone, address):
    phone.goto(f"{address}sections/money/")
    with phone.expect_file_chooser() as chooser:
        phone.get_by_role("button", name="Add a file or photo").click()
    files = [{"name": name, "mimeType": "image/jpeg", "buffer": name.encode()} for name in ("a.jpg", "b.jpg")]
    chooser.value.set_files(files)
    phone.get_by_role("link", name="b.jpg").wait_for()
    expect(phone.locator(".organizer__sending [data-words]")).to_have_text("Received a.jpg. Received b.jpg.")
    phone.get_by_role("button", name="Remove a.jpg").click()
    phone.get_by_text("a.jpg is no longer an answer here.").wait_for()
    expect(phone.get_by_role("link", name="a.jpg")).to_have_count(0)


def test_a_file_goes_on_where_the_connection_was_lost(phone, address, tmp_path):
    scan = tmp_path / "Scan.bin"
    scan.write_bytes(os.urandom(20_000_000))  # three parts
    phone.goto(f"{address}sections/money/")
    sent = []
    phone.on("request", lambda request: sent.append(request.url) if request.method == "PUT" else None)
    phone.route("**/parts/2/", lambda route: route.abort("connectionreset"))
    with phone.expect_file_chooser() as chooser:
        phone.get_by_role("button", name="Add a file or photo").click()
    chooser.value.set_files(scan)
    words = phone.locator(".organizer__sending [data-words]")
    lost = "The connection was lost. It goes on by itself once it is back."
    expect(words).to_have_text(lost, timeout=20_000)
    leave(phone, "Rent paid", "1,200")  # meanwhile
    expect(state(phone)).to_have_text(SAVED)
    phone.unroute_all()
    phone.evaluate("window.dispatchEvent(new Event('online'))")
    expect(words).to_have_text("Received Scan.bin.", timeout=60_000)
    phone.get_by_role("link", name="Scan.bin").wait_for()
    whole = [url for url in sent if not url.endswith("/2/")]
    assert sorted(url[-2] for url in whole) == ["1", "3"], "what had come is not sent again"
    phone.complaints.clear()  # of the connection


def test_the_list_of_sections_follows_what_is_answered(phone):
    steps = phone.get_by_role("navigation", name="Sections")
    steps.get_by_role("link", name="All sections").click()
    expect(steps.get_by_role("listitem")).to_have_text(["About you", "Money, not started", "All answers, and sign"])
    leave(phone, "Your name", "Ngozi")
    phone.get_by_role("group", name="Were you married").get_by_label("Yes").check()
    expect(steps.get_by_role("listitem")).to_contain_text(["About you", "Children", "Money", "All answers"])
    expect(steps).to_contain_text("Section 1 of 3")
    expect(steps.locator("[aria-current]")).to_have_class("step step--done")
    leave(phone, "Your SSN", "12")
    expect(steps.locator("[aria-current]")).to_have_class("step step--error")
    leave(phone, "Since when do you live there?", "2024")
    expect(state(phone)).to_have_text(SAVED)
    expect(steps.locator("[aria-current]")).to_have_class("step step--error")
    leave(phone, "Your SSN", "123-45-6789")
    expect(steps.locator("[aria-current]")).to_have_class("step step--done")


def test_without_a_script_a_client_fills_it_in_and_signs_it(visit, address, tmp_path):
    paper = tmp_path / "W-2.txt"
    paper.write_text("Wages")
    page = visit(CLIENT, size=PHONE, java_script_enabled=False)
    page.goto(address)
    page.get_by_role("link", name="Start").click()
    page.get_by_label("Your name").fill("Ngozi Okafor")
    page.get_by_role("group", name="Were you married").get_by_label("Yes").check()
    page.get_by_role("button", name="Save and continue").last.click()
    page.get_by_role("group", name="How do you file?").get_by_label("Married filing jointly").check()
    page.get_by_role("button", name="Save and continue").last.click()
    page.get_by_role("button", name="Add: Child").click()
    page.get_by_role("button", name="Remove Child 1").click()
    page.get_by_role("button", name="Put it back").click()
    page.get_by_label("Name (needed)").fill("Emma")
    page.get_by_role("button", name="Save and continue").last.click()
    page.get_by_label("Rent paid").fill("many")
    page.get_by_role("button", name="Add a file or photo").click()
    page.get_by_role("link", name="Rent paid: Give an amount like 1,234.50.").wait_for()
    page.get_by_label("Rent paid").fill("1,200")
    page.get_by_role("button", name="Add a file or photo").click()
    page.get_by_label("Files to send").set_input_files(paper)
    page.get_by_role("button", name="Send to").click()
    page.get_by_text("Received W-2.txt.").wait_for()
    page.get_by_role("button", name="Save and look it over").last.click()
    page.get_by_text("Nothing is missing.").wait_for()
    page.get_by_label("I agree to this").check()
    page.get_by_label("Your full name").fill("Ngozi Okafor")
    page.get_by_role("button", name="Send to your firm").click()
    page.get_by_role("heading", name="Thank you.").wait_for()
    page.get_by_role("link", name="See your answers").click()
    page.get_by_text("$1,200.00").wait_for()
    expect(page.get_by_role("button", name="Send to your firm")).to_have_count(0)
