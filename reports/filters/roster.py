"""The roster's filter."""

from django import forms
from django.db.models import Q
from django_filters import CharFilter, ChoiceFilter, FilterSet

from accounts.models import Membership, Role, State, User


class RosterFilter(FilterSet):
    """The roster's: role, state, client (a part of its name: there may be more than a drop-down can hold) and words."""

    q = CharFilter(label="Name or e-mail", method="with_words", widget=forms.TextInput({"type": "search"}))
    client = CharFilter(label="Client", method="of_client", widget=forms.TextInput({"type": "search"}))
    role = ChoiceFilter(choices=Role.choices, label="Role", empty_label="All roles")
    state = ChoiceFilter(choices=State.choices, label="State", empty_label="Not deleted", field_name="state_now")

    IN_WORDS = {
        "q": "“{}”".format,
        "client": "Client “{}”".format,
        "role": lambda value: Role(value).label,
        "state": lambda value: State(value).label,
    }

    class Meta:
        model = User
        fields = []

    @property
    def rows(self):
        """The filtered people; none where the filter cannot be understood. Deleted accounts only when asked for."""
        if not self.is_valid():
            return self.queryset.none()
        return self.qs if "state" in self.chosen else self.qs.kept()

    def with_words(self, people, name, words):
        return people.filter(Q(email__icontains=words) | Q(former_email__icontains=words) | Q(name__icontains=words))

    def of_client(self, people, name, words):
        clients = self.request.user.visible_clients().filter(name__icontains=words)
        return people.filter(pk__in=Membership.objects.filter(client__in=clients).values("user"))

    @property
    def chosen(self):
        cleaned = self.form.cleaned_data if self.is_valid() else {}
        return {name: value for name, value in cleaned.items() if value}

    @property
    def words(self):
        """Each condition in words, with the parameter that it stands for."""
        return [(self.IN_WORDS[name](value), (name,)) for name, value in self.chosen.items()]

    @property
    def sentence(self):
        return "; ".join(words for words, _ in self.words) or "Everybody"
