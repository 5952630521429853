"""Ways to a page: functions of the page and of the Portal, put together from links, fields and buttons."""

import email
import json
import re
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory


def at(path):
    return lambda page, portal: page.goto(path)


def through(path, *links):
    """From ``path`` on by links: by their words, or by a selector that begins with a dot."""

    def reach(page, portal):
        page.goto(path)
        for link in links:
            found = page.locator(link) if link.startswith(".") else page.get_by_role("link", name=link)
            page.goto(found.first.evaluate("link => link.href"))

    return reach


def then(way, *acts):
    """The way, then what one does there."""

    def reach(page, portal):
        way(page, portal)
        for act in acts:
            act(page, portal)

    return reach


def press(button, **fields):
    """Fills fields by their name attribute, then presses the button, to the page that answers."""

    def act(page, portal):
        for name, value in fields.items():
            page.locator(f"main [name={name}]").fill(value)
        with page.expect_navigation():
            page.locator("main").get_by_role("button", name=button, exact=True).click()

    return act


def press_first(button):
    """Presses the first button of this name, to the page that answers."""

    def act(page, portal):
        with page.expect_navigation():
            page.locator("main").get_by_role("button", name=button, exact=True).first.click()

    return act


def ask_at_length(page, portal):
    """On an organizer's page: a question to the client that is too long to be kept."""
    page.locator("main textarea").first.evaluate("field => { field.value = 'Why? '.repeat(1200); }")


def press_of_menu(words):
    """Presses the button of an open menu, to the page that answers."""

    def act(page, portal):
        with page.expect_navigation():
            page.locator("button.menu__item", has_text=words).click()

    return act


def choose_list(content):
    """A list of clients is chosen on the page that imports, and checked."""

    def act(page, portal):
        file = {"name": "clients.csv", "mimeType": "text/csv", "buffer": content}
        page.get_by_label("Your list").set_input_files(file)
        press("Check the list")(page, portal)

    return act


def choose(option):
    return lambda page, portal: page.get_by_label(option).check()


def give(selector):
    """An answer of an organizer, which is saved as it is chosen."""

    def act(page, portal):
        choice = page.locator(selector)
        if not choice.is_checked():
            choice.check()
            page.locator("[data-state]", has_text="Saved").wait_for()

    return act


def unfold(words):
    return lambda page, portal: page.locator("summary", has_text=words).click()


def let_the_worker_work(page, portal):
    portal.manage("work", "--batch")


def tick_a_file(page, portal):
    page.locator("input[name=file]").first.check()


def show_a_file(page, portal):
    page.locator("[data-preview]").first.evaluate("link => link.click()")
    page.locator(".preview--beside iframe").wait_for()


def move_a_file_to_the_bin(page, portal):
    tick_a_file(page, portal)
    with page.expect_navigation():
        page.locator(".selection").get_by_role("button", name="Move to bin").click()


def choose_a_place(page, portal):
    """The page on which one chooses where ticked files go."""
    tick_a_file(page, portal)
    with page.expect_navigation():
        page.locator(".selection").get_by_role("button", name="Move or copy").click()


def go_to(client):
    """On the page that ``choose_a_place`` comes to: the top folder of this client."""

    def act(page, portal):
        press("Find", q=client)(page, portal)
        with page.expect_navigation():
            page.locator(".place__cabinets .place__step").first.click()

    return act


def open_a_row_menu(page, portal):
    page.locator("td summary").first.click()


def show_anew(page, found):
    """Asks for the page again until it has what is found: what was sent to a bucket has to be checked first."""
    for _ in range(40):
        if found.count():
            return found
        page.wait_for_timeout(500)
        page.reload()
    raise AssertionError(f"{page.url} does not come to have {found}")


def open_link(words):
    return lambda page, portal: page.goto(
        page.locator("main").get_by_role("link", name=words).first.evaluate("link => link.href")
    )


def open_the_bin(page, portal):
    page.goto(page.locator(".notice").get_by_role("link", name="Open the bin").evaluate("link => link.href"))


def open_latest_mail(page, portal):
    """Goes where the link in the latest mail leads."""
    latest = max((portal.var / "mail").iterdir(), key=lambda path: path.stat().st_mtime_ns)
    words = email.message_from_bytes(latest.read_bytes()).get_payload(decode=True).decode()
    page.goto(re.search(rf"{portal.url}/account\S+/\S+/", words).group())


def mailed(portal, pattern):
    """What ``pattern`` finds in the latest mail that has it, once the worker has sent what waits."""
    for _ in range(5):  # another worker may be at it
        portal.manage("work", "--batch")
        for path in sorted((portal.var / "mail").iterdir(), key=lambda path: path.stat().st_mtime_ns, reverse=True):
            words = email.message_from_bytes(path.read_bytes()).get_payload(decode=True).decode()
            if found := re.search(pattern, words):
                return found.group()
    raise AssertionError(f"no mail has {pattern}")


def open_request_link(page, portal):
    """Goes where the latest request link leads, as a mail shows it."""
    page.goto(mailed(portal, rf"{portal.url}/files/links/\S+/"))


def enter_the_code(page, portal):
    press("Go on", code=mailed(portal, r"\b\d{6}\b"))(page, portal)


FAILURES = """
import json
from django.template.loader import render_to_string
from accounts.models import Firm
from files.models import Version
firm = {"firm": Firm.current()}
version = Version.objects.select_related("file").order_by("at").first()
held = firm | {"version": version, "file": version.file, "words": "It is not handed out."}
pages = {"429.html": firm, "500.html": {}, "503.html": firm, "507.html": firm, "files/not_served.html": held}
pages["reports/waiting.html"] = firm
print(json.dumps({name: render_to_string(name, context) for name, context in pages.items()}))
"""


@cache
def failures(portal):
    return json.loads(portal.manage("shell", "-v", "0", "-c", FAILURES).stdout)


def failed(template):
    """The page that answers a failure, without the failure: rendered by the portal, with the portal's styles."""

    def reach(page, portal):
        body = failures(portal)[template]
        page.route("**/failed/", lambda route: route.fulfill(content_type="text/html", body=body))
        page.goto("/failed/")
        page.unroute("**/failed/")

    return reach


def lose_the_token(page, portal):
    page.locator("[name=csrfmiddlewaretoken]").first.evaluate("field => field.remove()")


def leave_an_upload_unfinished(page, portal):
    """A file begins to be sent, by hand; the page that lists it."""
    page.goto("/files/")
    page.evaluate(
        """async () => {
            const form = document.querySelector("[data-behaviour=upload] form");
            const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
            const body = new URLSearchParams({ folder: form.dataset.folder, name: "QuickBooks backup 2025-12-31.qbb", size: 3e7 });
            await fetch("/files/uploads/", { method: "POST", body, headers: { "X-CSRFToken": token } });
        }"""
    )
    page.goto("/files/uploads/")


def send_too_much(page, portal):
    """Past the script, which would refuse at once."""
    with TemporaryDirectory() as folder:
        large = Path(folder) / "scan.pdf"
        with large.open("wb") as file:
            file.truncate(int(portal.env["MAX_UPLOAD_BYTES"]) + 2_000_000)
        page.get_by_label("Files to send").set_input_files(large)
        with page.expect_navigation():
            page.locator("[data-behaviour=upload] form").evaluate("form => form.submit()")


SEND_ORGANIZERS = """
from accounts.models import User
from tests.organizer.asking import published, sent
from types import SimpleNamespace
people = User.objects.in_bulk(["administrator@example.com", "staff@example.com", "client@example.com"], field_name="email")
cast = SimpleNamespace(
    administrator=people["administrator@example.com"],
    firm_user=people["staff@example.com"],
    acme=people["client@example.com"].memberships.first().client,
)
version = published(cast)
print(*(sent(cast, version=version).get_absolute_url() for _ in range({count})))
"""


def send_organizers(portal, count):
    """The demonstration's client has so many organizers, with every kind of question. Returns their addresses."""
    code = SEND_ORGANIZERS.replace("{count}", str(count))
    return portal.manage("shell", "-v", "0", "-c", code).stdout.split()[-count:]


@cache
def organizers_of(portal):
    return send_organizers(portal, 2)


def fill_in(path="", *, number=0):
    """To a page of one of two organizers that are for looking at."""
    return lambda page, portal: page.goto(organizers_of(portal)[number] + path)


def answer_on_another_page(page, portal):
    """One's answer meets another one, and neither is chosen yet."""
    another = page.context.new_page()
    another.goto(page.url)
    another.get_by_label("What else should we know?").fill("We moved.")
    press("Save and continue")(another, portal)
    another.close()
    page.get_by_label("What else should we know?").fill("We moved in June.")
    press("Save and continue")(page, portal)
    page.get_by_role("group", name="Which answer counts?").wait_for()
