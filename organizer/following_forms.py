"""Which organizers the firm looks at."""

from functools import cached_property

from django import forms
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from organizer.models import Organizer, Template
from organizer.models.following import STALLED_AFTER

Status = Organizer.Status
STALLED, WITHDRAWN, ALL_YEARS = "stalled", "withdrawn", "all"
STATES = {**dict(Status.choices), STALLED: "Stalled", WITHDRAWN: "Withdrawn"}
SHOWN_FIRST = (
    *(Status.SENT, Status.OPENED, Status.STARTED, STALLED),
    *(Status.SUBMITTED, Status.REVIEWED, Status.SEALED),
)


def in_state(state):
    """The condition of a state: a status, stalled, or withdrawn."""
    if state == WITHDRAWN:
        return Q(withdrawn_at__isnull=False)
    if state == STALLED:
        before = timezone.now() - STALLED_AFTER
        is_old = Q(saved_at__lt=before) & (Q(reopened_at=None) | Q(reopened_at__lt=before))
        return Q(status=Status.STARTED, withdrawn_at=None) & is_old
    return Q(status=state, withdrawn_at=None)


class FollowForm(forms.Form):
    """What the dashboard can be narrowed by."""

    q = forms.CharField(label="Client", required=False, widget=forms.TextInput({"type": "search"}))
    year = forms.ChoiceField(label="Tax year", required=False)
    template = forms.ModelChoiceField(queryset=None, required=False, empty_label="All templates")
    status = forms.ChoiceField(required=False, choices=[("", "All but withdrawn"), *STATES.items()])
    mine = forms.BooleanField(label="Only clients I look after", required=False)

    def __init__(self, data, *, user):
        years = list(Organizer.objects.order_by("-tax_year").values_list("tax_year", flat=True).distinct())
        if years and not data.get("year"):
            data = data.copy()
            data["year"] = str(years[0])  # the newest
        super().__init__(data)
        self._user = user
        self.fields["year"].choices = [*((str(year), str(year)) for year in years), (ALL_YEARS, "All")]
        was_sent = Exists(Organizer.objects.filter(version__template=OuterRef("pk")))
        self.fields["template"].queryset = Template.objects.filter(was_sent)

    @cached_property
    def has_any(self):
        """Whether there is one, whatever is asked for."""
        return Organizer.objects.visible_to(self._user).exists()

    @property
    def chosen_year(self):
        """The one that is shown; None where all are, or there is none."""
        year = self.cleaned_data["year"] if self.is_valid() else ""
        return int(year) if year and year != ALL_YEARS else None

    def all_states(self, organizers):
        """Those that fit, wherever they stand; none where the filter cannot be understood."""
        if not self.is_valid():
            return organizers.none()
        words, template, mine = (self.cleaned_data[name] for name in ("q", "template", "mine"))
        if self.chosen_year:
            organizers = organizers.filter(tax_year=self.chosen_year)
        if words:
            organizers = organizers.filter(client__name__icontains=words)
        if template:
            organizers = organizers.filter(version__template=template)
        return organizers.filter(client__assignments__user=self._user) if mine else organizers

    def of_state(self, organizers):
        state = self.cleaned_data["status"] if self.is_valid() else ""
        return organizers.filter(in_state(state)) if state else organizers.filter(withdrawn_at=None)


def counted(organizers):
    """{state: how many}: three passes over an index, however many there are."""
    counts = dict.fromkeys(STATES, 0)
    standing = organizers.filter(withdrawn_at=None).order_by().values("status")
    counts |= dict(standing.annotate(count=Count("pk")).values_list("status", "count"))
    return counts | {state: organizers.filter(in_state(state)).count() for state in (STALLED, WITHDRAWN)}
