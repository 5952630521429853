import uuid
from contextlib import suppress

from django import forms

from files.models import File
from files.names import clean_name


class NameForm(forms.Form):
    """A name for a file or a folder, cleaned as every name is."""

    name = forms.CharField(max_length=1000, strip=False, label="Name")

    def clean_name(self):
        name = clean_name(self.cleaned_data["name"], fallback="")
        if not name:
            raise forms.ValidationError("Give a name that can be read")
        return name


class StillThereField(forms.ModelMultipleChoiceField):
    """Those of the ids that the queryset has. The others are no error: somebody may just have taken them away."""

    def clean(self, value):
        ids = []
        for text in value:
            with suppress(ValueError):
                ids.append(uuid.UUID(text))
        return self.queryset.filter(pk__in=ids)


class ChosenFilesForm(forms.Form):
    """Files ticked in a folder. What is not in the folder, or no longer, is left out."""

    file = StillThereField(queryset=File.objects.none())

    def __init__(self, data, *, folder):
        super().__init__(data)
        self.fields["file"].queryset = folder.files.in_place().select_related("current")

    def chosen(self):
        return list(self.cleaned_data["file"]) if self.is_valid() else []
