"""Exports that somebody brings back: whether they were made here, by whom, with which filter, and whether they are unchanged."""

import io
import re
import zipfile
import zlib
from dataclasses import dataclass

from activity.actions import Action
from activity.comparing import DigestHandler
from activity.models import Event
from activity.receipts import is_whole, log_in_words

MOST_LOOKED_INTO_BYTES = 4 * 1024**2  # of a file that is held in memory while its facts are looked for
MOST_ALIKE = 100
MOST_FACTS_BYTES = 256 * 1024  # they come first
PARTS_WITH_FACTS = ("word/document.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml")
IN_NAME = re.compile(r"_export-(\d{1,18})(?!\d)")
IN_FACTS = re.compile(r"Event ([\d,]{1,24}) of the Activity Log")
ENDS = (Action.EXPORT_FINISHED, Action.EXPORT_BROKEN_OFF)


@dataclass
class Finding:
    """What is known of a file: which export it is, or says it is, and how that began and ended."""

    started: Event
    ended: Event | None
    sha256: str
    count: int  # of exports with these very bytes

    @property
    def is_unchanged(self):
        return self.is_finished and self.sha256_then == self.sha256 and not self.is_doubtful

    @property
    def is_finished(self):
        return self.ended is not None and self.ended.action == Action.EXPORT_FINISHED

    @property
    def is_doubtful(self):
        """An event that it stands on was changed after it was written."""
        return not all(is_whole(event) for event in (self.started, self.ended) if event)

    @property
    def sha256_then(self):
        return self.ended.details["note"].rpartition(" ")[2] if self.is_finished else ""

    @property
    def rows(self):
        return self.ended.details["note"].partition(" ")[0]

    @property
    def filter(self):
        return self.started.details["note"].rpartition(" (")[0]

    @property
    def extension(self):
        return self.started.details["note"].rpartition(" (")[2].removesuffix(")")

    @property
    def log_words(self):
        return log_in_words(self.ended or self.started)

    @property
    def words(self):
        """In one word for the log."""
        if self.is_unchanged:
            return "unchanged"
        if self.is_doubtful:
            return "its event was changed"
        return "changed since" if self.is_finished else "never finished"


def verify_export(reader, sha256, *, number=None):
    """The Finding on the file with this SHA-256, among the exports that ``reader`` may see: by its bytes, or else by the
    ``number`` that it gives for its own. None where nothing is known of it."""
    events = _exports_seen_by(reader)
    same = events.filter(action=Action.EXPORT_FINISHED, details__note__endswith=f"SHA-256 {sha256}").order_by("-seq")
    same = list(same[:MOST_ALIKE])
    if same:
        number = number if any(event.subject_id == str(number) for event in same) else same[0].subject_id
    started = number and events.filter(seq=number, action=Action.EXPORT_STARTED).first()
    if not started:
        return None
    ends = events.filter(subject_type="event", subject_id=str(number), action__in=ENDS)
    return Finding(started, ends.first(), sha256, len(same))


def _exports_seen_by(reader):
    """A firm user's own, beside what they see of the log anyhow: an export is of no client."""
    return Event.objects.visible_to(reader) | Event.objects.filter(actor_id=reader.pk)


class ExportHandler(DigestHandler):
    """As its parent, and finds the number that the file gives for its own: in its name, or in the facts of a short one."""

    most_bytes = 2 * 1024**3

    def __init__(self, request):
        super().__init__(request)
        self.number = None
        self._head = io.BytesIO()

    def new_file(self, field_name, file_name, *args, **kwargs):
        super().new_file(field_name, file_name, *args, **kwargs)
        self.number = number_in_name(file_name)

    def receive_data_chunk(self, raw_data, start):
        super().receive_data_chunk(raw_data, start)
        if self._count <= MOST_LOOKED_INTO_BYTES:
            self._head.write(raw_data)

    def file_complete(self, file_size):
        super().file_complete(file_size)
        if self.number is None and self._count <= MOST_LOOKED_INTO_BYTES:
            self.number = _number_in_facts(self._head)


def number_in_name(name):
    found = IN_NAME.search(name)
    return int(found[1]) if found else None


def _number_in_facts(file):
    """Whoever changed the file may have broken it as well: then it gives no number."""
    try:
        with zipfile.ZipFile(file) as archive:
            for name in set(PARTS_WITH_FACTS) & set(archive.namelist()):
                with archive.open(name) as part:
                    text = re.sub("<[^<>]*>", "", part.read(MOST_FACTS_BYTES).decode(errors="replace"))
                if found := IN_FACTS.search(text):
                    return int(found[1].replace(",", "") or 0)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError):
        return None
    return None
