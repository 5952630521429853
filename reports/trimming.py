"""Where room can be made: files that may go to the bin, by what makes them worth a look."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Exists, OuterRef, Q, Sum
from django_filters import ChoiceFilter

from accounts.models import Role
from accounts.paging import Page
from files.models import Cabinet, File, Version, bins
from reports.filters import UsageFilter

FILES_PER_PAGE = 100
MOST = 5_000  # files that one act takes; each is an event
BATCH = 500  # of them in one transaction


def _all(files):
    return files


def _never_downloaded(files):
    """Sent by the firm, and fetched by none of the client's people."""
    return files.exclude(current__by__role=Role.CLIENT_USER).filter(
        folder__cabinet__kind=Cabinet.Kind.CLIENT, current__link=None, current__client_downloaded_at=None
    )


def _duplicates(files):
    """With the same bytes as another file in place in their cabinet that was sent before them, which is not among these."""
    same = File.objects.in_place().filter(
        Q(current__at__lt=OuterRef("current__at")) | Q(current__at=OuterRef("current__at"), pk__lt=OuterRef("pk")),
        folder__cabinet=OuterRef("folder__cabinet"),
        current__sha256=OuterRef("current__sha256"),
    )
    return files.exclude(current__sha256="").filter(Exists(same))


@dataclass(frozen=True)
class Kind:
    """A list: its title, what it says of itself, what is in it, and its order."""

    title: str
    lead: str
    narrow: Callable = _all
    order: str = "current__size_bytes"
    descending: bool = True


KINDS = {
    "largest": Kind("Largest", "All files, the largest first."),
    "oldest": Kind("Oldest", "All files, those sent longest ago first.", order="current__at", descending=False),
    "never-downloaded": Kind(
        "Never downloaded",
        "What the firm sent and none of the client’s people has opened or downloaded, the largest first.",
        _never_downloaded,
    ),
    "duplicates": Kind(
        "Duplicates",
        "Files with the very same content as another one in the same cabinet, the largest first. The one that was sent "
        "first stays, and is not listed.",
        _duplicates,
    ),
}


class TrimFilter(UsageFilter):
    """One of the lists, of one client or of all."""

    list = ChoiceFilter(choices=[(name, kind.title) for name, kind in KINDS.items()], method="of_kind")

    class Meta:
        model = File
        fields = []

    def of_client(self, files, name, client):
        return files.filter(folder__cabinet__client=client)

    def of_kind(self, files, name, kind):
        return KINDS[kind].narrow(files)


class Trimming:
    """A list of files as one reader sees it, and those of it that they have ticked. What a legal hold keeps is in none."""

    slug = "usage-trim"

    def __init__(self, request, query):
        self.reader, self.query = request.user, query
        files = File.objects.visible_to(request.user).in_place().filter(folder__cabinet__held_at=None)
        files = files.filter(current__size_bytes__gte=0)  # joined so, the database can begin at the first of the order
        self.filter = TrimFilter(query, queryset=files, request=request)

    @property
    def name(self):
        asked = self.query.get("list", "")
        return asked if asked in KINDS else "largest"

    @property
    def kind(self):
        return KINDS[self.name]

    @property
    def rows(self):
        return self.filter.rows

    @cached_property
    def page(self):
        """Each file has ``frees_bytes``, of all its versions, and where it is a duplicate, the ``original`` that stays."""
        files = self.rows.select_related("current", "folder__cabinet__client", "folder__cabinet__owner")
        page = Page(files, self.kind.order, self.query, size=FILES_PER_PAGE, descending=self.kind.descending)
        sums = dict(_stored(page.rows).order_by().values_list("file").annotate(sum=Sum("size_bytes")))
        originals = _originals(page.rows) if self.name == "duplicates" else {}
        for file in page.rows:
            file.frees_bytes = sums.get(file.pk, 0)
            file.original = originals.get((file.folder.cabinet_id, file.current.sha256))
        return page

    def chosen(self, ids):
        """The ids of those that are still in the list, in its order; at most MOST. ``ids`` None: of all."""
        rows = self.rows if ids is None else self.rows.filter(pk__in=ids[:MOST])
        sign = "-" if self.kind.descending else ""
        return list(rows.order_by(f"{sign}{self.kind.order}", f"{sign}pk").values_list("pk", flat=True)[:MOST])

    def move_to_bin(self, ids):
        """Those that are still in the list are in the bin; returns them."""
        moved = []
        for start in range(0, min(len(ids), MOST), BATCH):
            files = list(self.rows.filter(pk__in=ids[start : start + BATCH]).told())
            moved += bins.move_to_bin(files, by=self.reader)[0]
        return moved


def freed_bytes(ids):
    """What these files take, with all their versions."""
    return sum(
        _stored(ids[n : n + BATCH]).aggregate(sum=Sum("size_bytes", default=0))["sum"]
        for n in range(0, len(ids), BATCH)
    )


def put_back(moments, *, by):
    """What this person put in the bin at these moments, and may still see there, is where it was. Returns the files."""
    files = File.objects.visible_to(by).in_bin_alone().filter(binned_at__in=moments, binned_by=by)
    ids, back = list(files.order_by("pk").values_list("pk", flat=True)[:MOST]), []
    for start in range(0, len(ids), BATCH):
        back += bins.restore(list(files.filter(pk__in=ids[start : start + BATCH]).told()), by=by)[0]
    return back


def _stored(files):
    return Version.objects.stored().filter(file__in=files)


def _originals(files):
    """{(cabinet's id, SHA-256): the first file in place there with these bytes}."""
    same = File.objects.in_place().filter(
        folder__cabinet__in={file.folder.cabinet_id for file in files},
        current__sha256__in={file.current.sha256 for file in files},
    )
    found = {}
    for file in same.select_related("current", "folder").order_by("current__at", "pk"):
        found.setdefault((file.folder.cabinet_id, file.current.sha256), file)
    return found
