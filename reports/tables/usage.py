"""Who stores how much."""

from functools import cached_property

from django.db.models import F, FloatField, Value
from django.db.models.functions import Cast

from accounts.models import User
from files.models import Version
from reports.filters import UsageFilter
from reports.tables.base import Column, Table, people_for


class Usage(Table):
    """Who stores how much: every version that a person sent counts, in the bin or not."""

    slug, title, template = "usage", "Usage", "reports/usage.html"
    lead = "Who stores how much."
    filter_class = UsageFilter
    columns = (
        Column("email", "User", "text", 34, source="email", sort=True),
        Column("name", "Name", "text", 24, source="name"),
        Column("client", "Client", "text", 30, source="client_name"),
        Column("file_count", "Files", "integer", 10, source="file_count", sort=True),
        Column("size_bytes", "Size in bytes", "bytes", 16, source="size_bytes", sort=True),
        Column("share", "Share of the storage", "share", 12, source="share"),
        Column("last_sent_at", "Last sent", "time", 19, source="last_sent_at"),
    )

    def source(self):
        people = User.objects.filter(pk__in=people_for(self.reader).values("pk"))
        total = Value(max(self.total_bytes, 1), output_field=FloatField())
        return Version.objects.usage_by_person(people).annotate(
            client_name=self.reader.visible_clients().name_of_person(),
            share=Cast(F("size_bytes"), FloatField()) / total,
        )

    @cached_property
    def total_bytes(self):
        """The bytes of all versions in storage, whoever sent them."""
        return Version.objects.total_bytes()

    @property
    def sort(self):
        asked = self.query.get("sort", "-size_bytes")
        sortable = [column.name for column in self.columns if column.sort]
        return asked if asked.removeprefix("-") in sortable else "-size_bytes"

    @property
    def order(self):
        return self.sort.removeprefix("-")

    @property
    def descending(self):
        return self.sort.startswith("-")

    @cached_property
    def count(self):
        return self.rows.count()

    @property
    def count_words(self):
        return f"{self.count:,} {'person' if self.count == 1 else 'people'}"
