import uuid
from contextlib import suppress
from decimal import Decimal

from django import forms
from django.utils.dateparse import parse_datetime

from files.models import File, Folder, RetentionRule
from files.names import clean_name


class NameForm(forms.Form):
    """A name for a file or a folder, cleaned as every name is."""

    name = forms.CharField(max_length=1000, strip=False, label="Name")

    def clean_name(self):
        name = clean_name(self.cleaned_data["name"], fallback="")
        if not name:
            raise forms.ValidationError("Give a name that can be read")
        return name


class StartForm(forms.Form):
    """What a script says of a file that it is about to send in parts."""

    MOST_STEPS = 20
    MOST_PATH = 2_000

    folder = forms.UUIDField(error_messages={"invalid": "There is no such folder."})
    name = forms.CharField(max_length=1000, strip=False)
    size = forms.IntegerField(min_value=0)
    path = forms.CharField(max_length=20_000, required=False, strip=False)
    changed_at = forms.CharField(max_length=32, required=False)
    separate = forms.BooleanField(required=False)
    document = forms.UUIDField(required=False, error_messages={"invalid": "There is no such document."})

    def clean_name(self):
        return clean_name(self.cleaned_data["name"])

    def clean_path(self):
        steps = [clean_name(step, fallback="") for step in self.cleaned_data["path"].split("/")]
        path = "/".join(filter(None, steps))
        if len(path) > self.MOST_PATH or path.count("/") >= self.MOST_STEPS:
            raise forms.ValidationError(
                f"These folders are nested too deep: send at most {self.MOST_STEPS}, one in another."
            )
        return path

    def clean(self):
        data = super().clean()
        if not self.errors:
            data["size_bytes"], data["is_separate"] = data.pop("size"), data.pop("separate")
        return data


class StillThereField(forms.ModelMultipleChoiceField):
    """Those of the ids that the queryset has. The others are no error: somebody may just have taken them away."""

    def clean(self, value):
        ids = []
        for text in value:
            with suppress(ValueError):
                ids.append(uuid.UUID(text))
        return self.queryset.filter(pk__in=ids)


class ChosenForm(forms.Form):
    """Files and folders ticked in a folder. What is not in the folder, or no longer, is left out."""

    file = StillThereField(queryset=File.objects.none())
    folder = StillThereField(queryset=Folder.objects.none())

    def __init__(self, data, *, folder):
        super().__init__(data)
        self.fields["file"].queryset = folder.files.in_place().told()
        self.fields["folder"].queryset = folder.folders.in_place().select_related("cabinet__client")

    def chosen(self):
        """(files, folders), of those that are still there."""
        return tuple(list(self.cleaned_data[name]) for name in ("file", "folder")) if self.is_valid() else ([], [])


class BinnedForm(forms.Form):
    """What is ticked in a cabinet's bin; or, where ``at`` stands instead, all that somebody put there at that moment."""

    file = StillThereField(queryset=File.objects.none(), required=False)
    folder = StillThereField(queryset=Folder.objects.none(), required=False)
    at = forms.CharField(required=False)

    def __init__(self, data, *, cabinet, user):
        super().__init__(data)
        self._user = user
        self.fields["file"].queryset = File.objects.visible_to(user).in_bin_alone().filter(folder__cabinet=cabinet)
        self.fields["folder"].queryset = Folder.objects.in_bin_for(user).filter(cabinet=cabinet)

    def clean_at(self):
        try:
            return parse_datetime(self.cleaned_data["at"])
        except ValueError:
            return None

    def chosen(self):
        """(files, folders), of those that are still there."""
        if not self.is_valid():
            return [], []
        fields = ("file", "folder")
        if at := self.cleaned_data["at"]:
            found = [self.fields[name].queryset.filter(binned_at=at, binned_by=self._user) for name in fields]
        else:
            found = [self.cleaned_data[name] for name in fields]
        return list(found[0].select_related("current", "folder")), list(found[1].select_related("cabinet"))


class NoteForm(forms.Form):
    """A few words on a file."""

    text = forms.CharField(max_length=2000, label="Note", widget=forms.Textarea(attrs={"rows": 3}))


class PlaceForm:
    """Where one is on the way to a folder: ``open`` is where one goes next, ``into`` where one is, ``act`` what is done there."""

    def __init__(self, data):
        self.act = data.get("act", "")
        self.words = data.get("q", "").replace("\0", "").strip()
        self.is_sure = "yes" in data
        self.place = None
        for name in ("open", "into"):
            with suppress(ValueError):
                self.place = self.place or uuid.UUID(data.get(name, ""))


GB = 10**9
QUOTA = {"min_value": Decimal("0.01"), "max_digits": 9, "decimal_places": 2, "required": False}


def in_gigabytes(quota_bytes):
    return None if quota_bytes is None else (Decimal(quota_bytes) / GB).quantize(Decimal("0.01")).normalize()


class QuotaForm(forms.Form):
    """How much a client's cabinet may hold."""

    quota_gb = forms.DecimalField(
        label="Quota in GB",
        help_text="Empty: only what the whole firm may store counts. Its people see how much of it is left.",
        **QUOTA,
    )

    def __init__(self, data=None, *, cabinet):
        super().__init__(data, initial={"quota_gb": in_gigabytes(cabinet.quota_bytes)})

    @property
    def quota_bytes(self):
        return _in_bytes(self.cleaned_data["quota_gb"])


class ExchangeForm(QuotaForm):
    """How much the firm may store, and how long deleted files stay."""

    bin_days = forms.IntegerField(
        label="Empty the bin after days",
        min_value=1,
        max_value=36_500,
        required=False,
        help_text="What lies in a bin longer is deleted for good. Empty: only by hand.",
    )

    def __init__(self, data=None, *, firm):
        super().__init__(data, cabinet=firm)
        self.fields["quota_gb"].help_text = "For all clients together. Empty: what the disk holds."
        self.initial["bin_days"] = firm.bin_days


class HoldForm(forms.Form):
    """Why a cabinet's files must stay."""

    reason = forms.CharField(
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
        help_text="Whoever at the firm tries to delete for good reads it, with your name.",
    )


class RuleForm(forms.ModelForm):
    """A retention rule. Which folder it is for, the address says."""

    months = forms.IntegerField(
        label="Older than months",
        min_value=1,
        max_value=1_200,
        initial=84,
        help_text="By the day its current version was sent. 84 months are seven years.",
    )
    notice_days = forms.IntegerField(
        label="Notice in days",
        min_value=1,
        max_value=365,
        initial=30,
        help_text="So long before, administrators and whoever is told of the client's files are told by e-mail.",
    )

    class Meta:
        model = RetentionRule
        fields = ["name", "months", "notice_days"]
        help_texts = {"name": "For example: Seven years. The log names it with each file."}


def _in_bytes(quota_gb):
    return None if quota_gb is None else int(quota_gb * GB)


class ReleaseForm(forms.Form):
    """Why a file is handed out that no scanner could look into."""

    why = forms.CharField(
        label="Why it is safe",
        max_length=300,
        widget=forms.Textarea({"rows": 3}),
        help_text="It stands on the file's page and in the log, with your name.",
    )
