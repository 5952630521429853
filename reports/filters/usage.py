"""The filters of Usage: by the people who sent, and by the clients whose files they are."""

from django_filters import FilterSet

from accounts.models import Client, User
from files.models import Cabinet
from reports.filters.choosing import CLIENTS, ChooserFilter


class UsageFilter(FilterSet):
    """The people of one client, or everyone."""

    client = ChooserFilter(CLIENTS, label="Client", empty_label="All Clients", method="of_client")

    class Meta:
        model = User
        fields = []

    def of_client(self, people, name, client):
        return people.filter(clients=client)

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


class UsageByClientFilter(UsageFilter):
    """One client's cabinet, or all."""

    class Meta:
        model = Cabinet
        fields = []

    def of_client(self, cabinets, name, client):
        return cabinets.filter(client=client)
