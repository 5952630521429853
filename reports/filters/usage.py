"""The Usage report's filter."""

from django_filters import FilterSet

from accounts.models import Client, User
from reports.filters.choosing import CLIENTS, ChooserFilter


class UsageFilter(FilterSet):
    """The Usage report's: the people of one client, or everyone."""

    client = ChooserFilter(CLIENTS, label="Client", empty_label="All Clients", field_name="clients")

    class Meta:
        model = User
        fields = []

    @property
    def rows(self):
        return self.qs if self.is_valid() else self.queryset.none()

    @property
    def chosen(self):
        client = self.form.cleaned_data.get("client") if self.is_valid() else None
        return {"client": client} if isinstance(client, Client) else {}

    @property
    def words(self):
        return [(f"Client {client}", ("client",)) for client in self.chosen.values()]

    @property
    def sentence(self):
        return "; ".join(words for words, _ in self.words) or "All Clients"
