"""What holds for every report, whatever stands in its rows and whatever is asked of it: the pages walked forward and
backward, CSV, Excel and Word give the same rows in the same order, and the page shows every text as the text that it is."""

from dataclasses import dataclass
from itertools import cycle
from urllib.parse import urlencode

from django.db import transaction
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import html

from accounts.models import Client, User
from activity.actions import Action
from activity.origin import Origin, coming_from
from activity.recording import Subject, record_now, storable
from reports import tables
from tests.conftest import put_file
from tests.reports.conftest import flat
from tests.reports.exported import KINDS, as_read, download, table_in
from tests.reports.written import AWKWARD, cleaned

FURTHER_CLIENTS = 5
LOG_READERS = ["administrator", "auditor"]
FIRM = [*LOG_READERS, "firm_user"]
CLIENTS = ["client", "second"]
LOG = {
    "user": ["client", "second", "firm_user", "administrator"],
    "client": ["acme", "other"],
    "action": [Action.FILE_UPLOADED, Action.FILE_RENAMED, Action.FILE_DOWNLOADED, "files"],
    "area": ["files", "sign-in", "accounts"],
    "ip": ["198.51.100.1", "203.0.113.7", "nowhere"],
    "from": ["2025-03-01", "2025-03-12", "2025-03-20"],
    "to": ["2025-03-11", "2025-03-13", "2025-03-20"],
    "q": ["okafor", "wages", "dental", "=1+1", "198.51.100.4"],
}
OPENED = {name: LOG[name] for name in ("user", "ip", "from", "to")} | {"by": ["person", "address", "file"]}
PEOPLE = {
    "q": ["example.com", "=1+1", "firm", "%", "\\"],
    "client": ["dental 1", "=", "'"],
    "role": ["client_user", "firm_user", "pirate"],
    "state": ["active", "deactivated"],
}
SIGN_INS = {**PEOPLE, "seen": ["never", "30", "failed"]}
OF_ONE_FILE = {name: LOG[name] for name in ("user", "action", "from", "to")}
USAGE = {
    "client": ["acme", "other"],
    "sort": ["email", "-email", "name", "client", "-client", "file_count", "-size_bytes", "share", "last_sent_at"],
}


@dataclass(frozen=True)
class Report:
    """Where it is, who reads it, what can be asked of it, and which sources of its columns its page shows whole."""

    address: str
    readers: list
    conditions: dict
    shown: tuple
    always: str | None = None


REPORTS = {
    "activity-log": Report("/activity", LOG_READERS, LOG, ("subject", "client_name")),
    "file-activity": Report("/files/activity", FIRM, LOG, ("subject", "client_name")),
    "file-history": Report(
        "/files/{file}/history", ["administrator", "firm_user", *CLIENTS], OF_ONE_FILE, ("subject",)
    ),
    "trail": Report("/activity/mine", CLIENTS, OF_ONE_FILE, ("subject", "client_name")),
    "access": Report("/files/access", FIRM, OPENED, ("subject",), always="client"),
    "sign-ins": Report("/accounts/sign-ins", FIRM, SIGN_INS, ("address", "name")),
    "roster": Report("/accounts/roster", FIRM, PEOPLE, ("address", "name")),
    "usage": Report("/files/usage", FIRM, USAGE, ("email", "client_name")),
    "usage-by-client": Report("/files/usage/clients", FIRM, USAGE, ("label",)),
}

any_text = st.sampled_from(AWKWARD) | st.text(st.characters(exclude_categories=()))
EVERY_AWKWARD = {"chosen": {}, "texts": AWKWARD, "rows_per_page": 9, "rows_per_batch": 4}


def agree(slug, *, sign_in, cast, monkeypatch, settings):
    """Raises where the report's page and files differ; ``settings`` are hypothesis's."""
    report = REPORTS[slug]
    User.objects.filter(pk=cast.second.pk).update(email="=1+1@acme.example.com")
    User.objects.filter(pk=cast.unassigned.pk).update(email="-1@firm.example.com")
    file = put_file(cast.acme.cabinet.top, "Ledger.xlsx", by=cast.client)
    for number in range(FURTHER_CLIENTS):
        Client.add(f"Client {number}", by=cast.administrator)
    address = report.address.format(file=file.pk)
    ids = {name: person_or_client.pk for name, person_or_client in vars(cast).items()}
    conditions = [(name, ids.get(one, one)) for name, some in report.conditions.items() for one in some]

    @settings
    @given(
        reader=st.sampled_from(report.readers),
        chosen=st.lists(st.sampled_from(conditions), max_size=2).map(dict),
        texts=st.lists(any_text, min_size=1, max_size=4),
        rows_per_page=st.integers(3, 9),
        rows_per_batch=st.integers(2, 6),
    )
    @example(reader=report.readers[0], **EVERY_AWKWARD)
    def property_holds(reader, chosen, texts, rows_per_page, rows_per_batch):
        monkeypatch.setattr(tables.Table, "rows_per_page", rows_per_page)
        monkeypatch.setattr(tables.Table, "rows_per_batch", rows_per_batch)
        browser = sign_in(getattr(cast, reader))
        with transaction.atomic():
            _tell(texts, cast, file)
            always = {report.always: cast.acme.pk} if report.always else {}
            _compare(browser, address, urlencode({**chosen, **always}), report.shown)
            transaction.set_rollback(True)

    property_holds()


def _tell(texts, cast, file):
    """People and clients have these names, and these are what happened to the file is about, and what is told of it."""
    texts = [storable(text) for text in texts]
    for client, text in zip(Client.objects.order_by("pk"), cycle(texts), strict=False):
        Client.objects.filter(pk=client.pk).update(name=f"{text[:100]} Dental {client.pk}")
    for person, text in zip(User.objects.order_by("pk"), cycle(texts), strict=False):
        User.objects.filter(pk=person.pk).update(name=text[:150])
    acme = Client.objects.get(pk=cast.acme.pk)
    who = User.objects.in_bulk([cast.client.pk, cast.second.pk]).values()
    for number, (text, person) in enumerate(zip(texts, cycle(who), strict=False)):
        about = Subject("file", str(file.pk), text, acme)
        with coming_from(Origin(ip=f"198.51.100.{number}")):
            record_now(Action.FILE_RENAMED, by=cast.firm_user, subject=about, before={"name": text}, note=text)
            record_now(Action.FILE_DOWNLOADED, by=person, subject=about)


def _compare(browser, address, query, shown):
    first = browser.get(f"{address}/?{query}")
    if not first.context["is_valid"]:
        assert [browser.get(f"{address}.{kind}?{query}").status_code for kind in KINDS] == [400] * len(KINDS)
        return
    table = first.context["table"]
    query = f"?{query}&upto={table.upto_in_address}"  # reading is told in the log, too
    forward = list(_walk(browser, f"{address}/{query}", "next_url"))
    last_url = forward[0].context["page"].last_url or query
    backward = list(_walk(browser, f"{address}/{last_url}", "previous_url"))
    rows = flat(map(_rows_of, forward))
    assert flat(map(_rows_of, backward[::-1])) == rows
    sources = [column.source for column in table.columns if column.source in shown]
    for response in forward:
        _shows_as_they_are(response, sources)
    for kind in KINDS:
        _, found = table_in(kind, download(browser, f"{address}.{kind}{query}"))
        assert found == [as_read(kind, table.columns, row) for row in rows], kind


def _walk(browser, url, link):
    """The pages from this one on to the last that way."""
    path = url.partition("?")[0]
    while url:
        response = browser.get(url)
        yield response
        onward = getattr(response.context["page"], link)
        url = onward and path + onward


def _rows_of(response):
    return list(response.context["page"].rows)


def _shows_as_they_are(response, sources):
    page = html.fromstring(response.content)
    assert page.xpath("//img[@onerror]") == []
    text = _plain(page.text_content())
    for row in _rows_of(response):
        for source in sources:
            assert _plain(getattr(row, source)) in text


def _plain(text):
    return "".join(cleaned(text).split())
