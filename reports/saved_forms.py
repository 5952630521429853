from django import forms

from accounts.models import User
from reports.models import SavedView, Schedule


class ViewForm(forms.ModelForm):
    """A view's name, and whether colleagues find it."""

    class Meta:
        model = SavedView
        fields = ["name", "is_shared"]
        help_texts = {"name": "For example: Sign-ins of this tax season. Colleagues read it where you share the view."}


class PeopleField(forms.ModelMultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, person):
        return f"{person.name} ({person.email})" if person.name else person.email


class ScheduleForm(forms.ModelForm):
    """When a report is made, as what, and who is told. ``report`` is that of the catalog; its page must be open to whoever
    is told."""

    recipients = PeopleField(queryset=User.objects.none(), label="Who is told")
    month_day = forms.IntegerField(
        label="Day of the month",
        min_value=1,
        max_value=31,
        initial=1,
        help_text="In a shorter month, it is the last day.",
    )

    class Meta:
        model = Schedule
        fields = ["name", "extension", "every", "weekday", "month_day", "hour", "is_moving"]
        widgets = {"extension": forms.RadioSelect, "every": forms.RadioSelect}
        help_texts = {
            "name": "It stands in the mail's subject.",
            "hour": "By the firm's clock. The report is made within ten minutes of it.",
        }

    field_order = [*Meta.fields, "recipients"]

    def __init__(self, *args, report, by, **kwargs):
        super().__init__(*args, **kwargs)
        people = User.objects.visible_to(by).of_the_firm().filter(is_active=True).order_by("email")
        able = [person.pk for person in people if report.opens_to(person)]
        self.fields["recipients"].queryset = people.filter(pk__in=able)
        self.fields["recipients"].help_text = (
            "They get a link by e-mail and sign in to open the file. It holds what the owner of the schedule may see, "
            "even where they see less themselves."
        )
        if not report.has_days:
            del self.fields["is_moving"]
