"""The filter of who accessed a client's files."""

from django.db import models
from django_filters import ChoiceFilter

from reports.filters.log import FileLogFilter


class By(models.TextChoices):
    """What there is one line for, where it is not each person, address and file by themselves."""

    PERSON = "person", "Person"
    ADDRESS = "address", "IP address"
    FILE = "file", "File"


LINES = {By.PERSON: "person", By.ADDRESS: "IP address", By.FILE: "file"}


class AccessFilter(FileLogFilter):
    """The client, who, from where, on which days, and what there is one line for. Nothing before a client is chosen."""

    action = None
    by = ChoiceFilter(
        choices=By.choices, label="One line for each", empty_label="Person, address and file", method="as_it_is"
    )

    def as_it_is(self, events, name, value):
        return events  # the table puts lines together

    @property
    def rows(self):
        rows = super().rows
        return rows if "client" in self.chosen else rows.none()

    @property
    def by_what(self):
        return self.chosen.get("by", "")

    @property
    def words(self):
        grouped = [(f"One line for each {LINES[self.by_what]}", ("by",))] if self.by_what else []
        return [*super().words, *grouped]

    @property
    def sentence(self):
        return super().sentence if "client" in self.chosen else "No client chosen"
