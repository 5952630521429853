"""Files: a folder with many files beside one with few, and the search through many beside through few."""

import uuid

from django.db.models import OuterRef, Subquery
from django.test import Client as Browser

from accounts.models import Client, Role, User
from bench.log import _page_ms
from files.models import File, Version

SMALL, LARGE = 50, 10_000
FEW, MANY = 1_000, 100_000
ORDERS = ("name", "-size", "from", "-when")
SEARCHES = {
    "a name": "q=statement+00007",
    "no such name": "q=zyx",
    "all of a type": "kind=pdf",
    "other types": "kind=other",
    "who sent it": "sender=bench",
    "days and size": "from=2020-01-01&larger=1+KB",
}


def figures():
    """(what, measured, baseline, unit, ratio) for each."""
    administrator = User.objects.make("finding@bench.example", role=Role.ADMINISTRATOR)
    administrator.join("a few good words", name="Bench")
    browser = Browser(HTTP_HOST="localhost")
    browser.force_login(administrator)
    _folder("Search of few", FEW, administrator)
    few = {name: _page_ms(browser, f"/files/search/?{query}") for name, query in SEARCHES.items()}
    for number in range((MANY - FEW) // 1_000):
        _folder(f"Search of many {number}", 1_000, administrator)
    assert File.objects.count() == MANY
    for name, query in SEARCHES.items():
        measured = _page_ms(browser, f"/files/search/?{query}")
        yield f"Search, {name}: {MANY:,} files / {FEW:,}", measured, few[name], "ms", measured / few[name]

    small, large = (_folder(f"Folder of {count}", count, administrator) for count in (SMALL, LARGE))
    last = large.files.order_by("name")[LARGE // 2]
    pages = {
        "by name, page 51": f"?after={last.pk}~{last.name}",
        **{f"by {order}": f"?sort={order}" for order in ORDERS},
    }
    for name, query in pages.items():
        measured = _page_ms(browser, large.get_absolute_url() + query)
        baseline = _page_ms(browser, small.get_absolute_url() + query.partition("?after")[0])
        yield f"Folder {name}: {LARGE:,} files / {SMALL}", measured, baseline, "ms", measured / baseline


def _folder(client, count, by):
    """A client's top folder with so many files, each of one version."""
    top = Client.add(client, by=by).cabinet.top
    endings = ("pdf", "xlsx", "jpg", "docx", "qbo")
    files = File.objects.bulk_create(
        (File(folder=top, name=f"Statement {n * 7919 % count:05}.{endings[n % 5]}") for n in range(count)),
        batch_size=1_000,
    )
    Version.objects.bulk_create(
        (
            Version(file=file, number=1, storage_key=uuid.uuid4().hex, size_bytes=n * 31 % 9_000, sha256="0", by=by)
            for n, file in enumerate(files)
        ),
        batch_size=1_000,
    )
    first = Version.objects.filter(file=OuterRef("pk")).values("pk")[:1]
    File.objects.filter(folder=top).update(current=Subquery(first))
    return top
