"""Finding files: a query becomes rows, and the same in words."""

import re
from datetime import date, datetime, time, timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format

from files.media import ICONS
from files.models import File, Folder, Note

MOST_FOLDERS = 5
DAY = "Give a day like 3/12/2026"
DAYS = [MinValueValidator(date(1970, 1, 1), DAY), MaxValueValidator(date(9998, 12, 31), DAY)]
UNITS = {"": 10**6, "b": 1, "byte": 1, "bytes": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12}
ENDINGS = {
    "pdf": ICONS["pdf"],
    "sheet": ICONS["sheet"],
    "image": ICONS["image"] | {"bmp", "svg"},
    "document": {"doc", "docx", "odt", "rtf", "txt", "pages"},
    "archive": ICONS["zip"] | {"rar", "tar"},
}
KINDS = {
    "pdf": "PDF",
    "sheet": "Spreadsheet",
    "image": "Image",
    "document": "Document",
    "archive": "Archive or backup",
    "other": "Other",
}


class SizeField(forms.CharField):
    """A size in words, as bytes: "500 KB", "1.5 GB"; a number alone is of MB."""

    def to_python(self, value):
        text = super().to_python(value).replace(",", "").lower()
        match = re.fullmatch(r"(\d{1,12}(?:\.\d{1,6})?)\s*([a-z]*)", text)
        if text and (match is None or match[2] not in UNITS):
            raise ValidationError("Give a size like 500 KB or 20 MB")
        return round(float(match[1]) * UNITS[match[2]]) if text else None


def _day(label):
    messages = {"invalid": DAY}
    return forms.DateField(
        label=label, validators=DAYS, error_messages=messages, widget=forms.DateInput({"type": "date"})
    )


class SearchForm(forms.Form):
    """What one may know of a file that one looks for."""

    q = forms.CharField(label="Name or note", max_length=200, widget=forms.TextInput({"type": "search"}))
    client = forms.CharField(label="Client", max_length=200, widget=forms.TextInput({"type": "search"}))
    sender = forms.CharField(label="Sent by", max_length=200, widget=forms.TextInput({"type": "search"}))
    kind = forms.ChoiceField(label="Type", choices=[("", "All types"), *KINDS.items()])
    vars()["from"] = _day("Sent from")  # a word of Python's, and what the address says
    to = _day("To")
    larger = SizeField(label="At least", widget=forms.TextInput({"placeholder": "500 KB", "inputmode": "text"}))
    smaller = SizeField(label="At most", widget=forms.TextInput({"placeholder": "20 MB", "inputmode": "text"}))
    bin = forms.BooleanField(label="In the bin too")

    def __init__(self, data, *, reader):
        super().__init__({name: text.replace("\0", "").strip() for name, text in data.items()})
        if reader.is_client_user:
            del self.fields["client"]
        for field in self.fields.values():
            field.required = False

    def clean(self):
        given = self.cleaned_data
        if given.get("from") and given.get("to") and given["from"] > given["to"]:
            self.add_error("to", "Give a day after the first one, or the same")
        if given.get("larger") and given.get("smaller") and given["larger"] > given["smaller"]:
            self.add_error("smaller", "Give a size above the first one")


class FileSearch:
    """The files that the reader may see and that fit the query; in ``within`` and below it where a folder is given."""

    def __init__(self, reader, query, *, within=None):
        self.reader, self.within = reader, within
        self.form = SearchForm(query, reader=reader)

    @property
    def chosen(self):
        """What was filled in and understood, by name."""
        cleaned = self.form.cleaned_data if self.form.is_valid() else {}
        return {name: value for name, value in cleaned.items() if value not in (None, "", False)}

    @property
    def is_asked(self):
        return bool(self.chosen.keys() - {"bin"})

    @property
    def rows(self):
        """None are found where nothing is asked, or it cannot be understood."""
        if not self.is_asked:
            return File.objects.none()
        files = File.objects.visible_to(self.reader)
        files = files if "bin" in self.chosen else files.in_place()
        if self.within:
            files = files.filter(folder__in=self.within.with_all_below())
        for name, value in self.chosen.items():
            if name in CONDITIONS:
                files = files.filter(CONDITIONS[name](value))
        return files

    @property
    def folders(self):
        """The first folders with the words in their name, where nothing else is asked."""
        if self.chosen.keys() - {"bin"} != {"q"}:
            return []
        folders = Folder.objects.visible_to(self.reader).in_place().exclude(parent=None)
        if self.within:
            folders = folders.filter(pk__in=self.within.with_all_below()).exclude(pk=self.within.pk)
        found = folders.filter(name__icontains=self.chosen["q"]).order_by("name", "pk")
        return list(found.select_related("cabinet__client", "cabinet__owner")[:MOST_FOLDERS])

    @property
    def words(self):
        """Each condition in words, with the parameters that it stands for."""
        chosen, words = self.chosen, []
        if self.within:
            words.append((f"In {self.within.cabinet if self.within.parent_id is None else self.within}", ("within",)))
        for name, in_words in IN_WORDS.items():
            if name in chosen:
                words.append((in_words(chosen[name]), (name,)))
        if "from" in chosen or "to" in chosen:
            words.append((_days(chosen.get("from"), chosen.get("to")), ("from", "to")))
        return words


def _with_words(words):
    noted = Note.objects.filter(text__icontains=words).values("file")
    return Q(name__icontains=words) | Q(former_names__icontains=words) | Q(pk__in=noted)


def _by_sender(words):
    sender, link = "current__by__", "current__link"
    by_link = Q(**{f"{link}__email__icontains": words})
    by_user = Q(**{f"{sender}name__icontains": words}) | Q(**{f"{sender}email__icontains": words})
    return by_link | (by_user & Q(**{link: None}))


def _of_kind(kind):
    if kind == "other":
        return ~_ending_in(set().union(*ENDINGS.values()))
    return _ending_in(ENDINGS[kind])


def _ending_in(endings):
    found = Q()
    for ending in sorted(endings):
        found |= Q(name__iendswith=f".{ending}")
    return found


def _midnight(day):
    """The moment at which the reader's day begins."""
    return datetime.combine(day, time.min, tzinfo=timezone.get_current_timezone())


CONDITIONS = {
    "q": _with_words,
    "client": lambda words: Q(folder__cabinet__client__name__icontains=words),
    "sender": _by_sender,
    "kind": _of_kind,
    "from": lambda day: Q(current__at__gte=_midnight(day)),
    "to": lambda day: Q(current__at__lt=_midnight(day + timedelta(days=1))),
    "larger": lambda size_bytes: Q(current__size_bytes__gte=size_bytes),
    "smaller": lambda size_bytes: Q(current__size_bytes__lte=size_bytes),
}
IN_WORDS = {
    "q": "“{}”".format,
    "client": "Client “{}”".format,
    "sender": "Sent by “{}”".format,
    "kind": KINDS.get,
    "larger": lambda size_bytes: f"At least {size_in_words(size_bytes)}",
    "smaller": lambda size_bytes: f"At most {size_in_words(size_bytes)}",
    "bin": lambda _: "In the bin too",
}


def size_in_words(size_bytes):
    for unit in ("TB", "GB", "MB", "KB"):
        if size_bytes >= UNITS[unit.lower()]:
            return f"{size_bytes / UNITS[unit.lower()]:.6g} {unit}"
    return f"{size_bytes} bytes"


def _days(first, last):
    first, last = (day and date_format(day, "M j, Y") for day in (first, last))
    if first and last:
        return f"Sent on {first}" if first == last else f"Sent from {first} to {last}"
    return f"Sent from {first} on" if first else f"Sent until {last}"


def tell_where(files):
    """Each of the files has ``places``: the names of the folders that it lies in, from below the cabinet's top. One query
    for each level of folders."""
    known, asked = {file.folder_id: file.folder for file in files}, set()
    while missing := {folder.parent_id for folder in known.values()} - known.keys() - asked - {None}:
        asked |= missing
        known |= Folder.objects.in_bulk(missing)
    for file in files:
        file.places, folder = [], file.folder
        while folder.parent_id:
            file.places.insert(0, folder.name)
            folder = known[folder.parent_id]
