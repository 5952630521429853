"""The order of a folder's files: by name unless the address says otherwise."""

from dataclasses import dataclass

FIELDS = {"name": "name", "size": "current__size_bytes", "from": "sender_name", "when": "current__at"}
LARGEST_FIRST = {"size", "when"}  # what the first click on a column's head gives


@dataclass(frozen=True)
class Column:
    """A column's head: where a click leads, and how the list is sorted by it now ("ascending", "descending" or "")."""

    name: str
    label: str
    next_sort: str
    order: str


class Sorting:
    """What the address asks for, as ``sort=size`` or ``sort=-size``; anything else is by name."""

    def __init__(self, query):
        asked = query.get("sort", "name")
        self.asked = asked if asked.removeprefix("-") in FIELDS else "name"
        self.name = self.asked.removeprefix("-")
        self.descending = self.asked.startswith("-")

    @property
    def field(self):
        return FIELDS[self.name]

    @property
    def words(self):
        way = {"name": ("A to Z", "Z to A"), "from": ("A to Z", "Z to A")}
        way |= {"size": ("smallest first", "largest first"), "when": ("oldest first", "newest first")}
        return f"By {LABELS[self.name].lower()}, {way[self.name][self.descending]}"

    @property
    def columns(self):
        return {name: self._column(name) for name in FIELDS}

    def _column(self, name):
        order = ("descending" if self.descending else "ascending") if name == self.name else ""
        first, other = (f"-{name}", name) if name in LARGEST_FIRST else (name, f"-{name}")
        return Column(name, LABELS[name], other if self.asked == first else first, order)


LABELS = {"name": "Name", "size": "Size", "from": "From", "when": "When"}
