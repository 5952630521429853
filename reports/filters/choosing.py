"""One person or client out of any number: a drop-down while there are few, else a name to be typed."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Case, IntegerField, Q, Value, When
from django.urls import reverse_lazy
from django_filters import Filter
from django_filters.filters import QuerySetRequestMixin

from activity.querysets import people_in_log
from reports.filters.base import clients

MOST_OPTIONS = 100  # more than that are no list to look through
MOST_OFFERED = 12
GONE = re.compile(r" \(deleted, no\. (\d{1,18})\)$")


@dataclass(frozen=True)
class Kind:
    """What is chosen from: all that a reader may see, and how one of them is found by its name."""

    all_for: Callable  # of the request
    names: tuple
    gone: str
    address: str

    def named(self, queryset, words):
        """Those with the words in a name; first those whose name begins so."""
        inside, ahead = (self._any(lookup, words) for lookup in ("icontains", "istartswith"))
        place = Case(When(ahead, then=Value(0)), default=Value(1), output_field=IntegerField())
        return queryset.filter(inside).order_by(place, self.names[0], "pk")

    def exactly(self, queryset, words):
        return queryset.filter(self._any("iexact", words))

    def _any(self, lookup, words):
        found = Q()
        for name in self.names:
            found |= Q(**{f"{name}__{lookup}": words})
        return found


PEOPLE = Kind(
    lambda request: people_in_log(request.user), ("email", "former_email", "name"), "Former users", "choices-people"
)
CLIENTS = Kind(clients, ("name",), "Deleted clients", "choices-clients")


def name_of(one):
    """What it is called in the list, and found by when typed: no two have the same."""
    return f"{one} (deleted, no. {one.pk})" if one.deleted_at else str(one)


class NameInput(forms.TextInput):
    """A name to be typed; the script offers those that fit."""

    input_type = "search"


class ChooserField(forms.Field):
    """The one with this id, or with this name, among ``queryset``. ``offered`` holds those that a name might mean."""

    def __init__(self, *, queryset, kind, empty_label, **kwargs):
        super().__init__(**kwargs)
        self.queryset, self.kind, self.offered, self._found = queryset, kind, [], {}
        few = list(queryset[: MOST_OPTIONS + 1])
        self.is_long = len(few) > MOST_OPTIONS
        if self.is_long:
            hooks = {"data-behaviour": "chooser", "data-address": reverse_lazy(kind.address), "autocomplete": "off"}
            self.widget = NameInput({"placeholder": empty_label, **hooks})
        else:
            self.widget = forms.Select(choices=self._options(few, empty_label))

    def _options(self, few, empty_label):
        kept = [(one.pk, name_of(one)) for one in few if not one.deleted_at]
        gone = [(one.pk, name_of(one)) for one in few if one.deleted_at]
        return [("", empty_label), *kept, *([(self.kind.gone, gone)] if gone else [])]

    def to_python(self, text):
        text = (text or "").strip()
        if text and text not in self._found:
            self._found[text] = self._look_up(text)
        return self._found.get(text)

    def _look_up(self, text):
        if "\0" not in text:
            if one := self._known(text):
                return one
            if not text.isdecimal():
                return self._named(text)
        raise ValidationError(forms.ModelChoiceField.default_error_messages["invalid_choice"], "invalid_choice")

    def _known(self, text):
        """By its id, or its whole name if only one has that."""
        gone = GONE.search(text)
        number = gone[1] if gone else text
        if number.isdecimal() and len(number) < 19 and (one := self.queryset.filter(pk=number).first()):
            return one
        exact = self.kind.exactly(self.queryset, text)[:2]
        return exact[0] if len(exact) == 1 else None

    def _named(self, words):
        found = list(self.kind.named(self.queryset, words)[: MOST_OFFERED + 1])
        if len(found) == 1:
            return found[0]
        if not found:
            raise ValidationError(f"“{words}” is not in the list. Type a part of the name.")
        self.offered = found[:MOST_OFFERED]
        raise ValidationError(f"More than one fits “{words}”. Choose one below, or type more of the name.")

    def prepare_value(self, value):
        """What the control shows of the address's words: the name in a field, the id in a drop-down."""
        try:
            one = self.to_python(value) if isinstance(value, str) else value
        except ValidationError:
            return value
        if one is None:
            return value
        return name_of(one) if self.is_long else one.pk


class ChooserFilter(QuerySetRequestMixin, Filter):
    field_class = ChooserField

    def __init__(self, kind, **kwargs):
        super().__init__(queryset=kind.all_for, kind=kind, **kwargs)


def settled_query(filter):
    """The query with the ids of those who were named; None where there are ids already."""
    query = filter.data.copy()
    for name, one in filter.chosen.items() if filter.is_valid() else ():
        if isinstance(filter.form.fields.get(name), ChooserField):
            query[name] = str(one.pk)
    return query.urlencode() if query != filter.data else None


def offers(filter):
    """[(name, query)] for each whom a typed name might mean."""
    offered = []
    for name, field in filter.form.fields.items():
        for one in getattr(field, "offered", ()):
            query = filter.data.copy()
            query[name] = str(one.pk)
            offered.append((name_of(one), query.urlencode()))
    return offered
