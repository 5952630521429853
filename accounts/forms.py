from zoneinfo import available_timezones

from allauth.account.forms import ChangePasswordForm, LoginForm, ResetPasswordForm, ResetPasswordKeyForm
from django import forms
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q

from accounts.fields import LineField
from accounts.models import Client, Firm, Notices, Role, User
from accounts.rights import CHOSEN, Right
from accounts.signals import password_reset_asked

LOGO_TYPES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
PASSWORD_HINT = "12 characters or more. A few words you remember are better than one you forget."
FIRM_ROLES = [(role.value, role.label) for role in Role if role != Role.CLIENT_USER]
MOST_LOGO_BYTES = 200 * 1024
# Less than some minutes would shut everybody out for good; more than half a day, or a week, is no limit
SESSION_LIMITS = {"idle_minutes": (5, 12 * 60), "session_hours": (1, 7 * 24)}
USUAL_ZONES = {
    "America/New_York": "Eastern",
    "America/Chicago": "Central",
    "America/Denver": "Mountain",
    "America/Phoenix": "Mountain, Arizona",
    "America/Los_Angeles": "Pacific",
    "America/Anchorage": "Alaska",
    "Pacific/Honolulu": "Hawaii",
}


def zone_choices():
    usual = [(name, f"{words} ({name})") for name, words in USUAL_ZONES.items()]
    others = [(name, name) for name in sorted(available_timezones()) if "/" in name and name not in USUAL_ZONES]
    return [("United States", usual), ("Elsewhere", others)]


class SignInForm(LoginForm):
    """allauth's form in the portal's words."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields.pop("remember", None)
        self.fields["login"].label = "E-mail address"
        self.fields["login"].widget.attrs = {"autocomplete": "username", "autofocus": True}
        self.fields["password"].widget.attrs = {"autocomplete": "current-password"}
        self.fields["password"].help_text = ""


class PasswordResetForm(ResetPasswordForm):
    """allauth's form; that somebody with an account asked is announced, and the worker mails the link: how long that takes
    would tell a stranger that the address has an account."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["email"].label = "E-mail address"
        self.fields["email"].widget.attrs = {"autocomplete": "username", "autofocus": True}

    def save(self, request, **kwargs):
        with transaction.atomic():
            for user in self.users:
                password_reset_asked.send(User, user=user)
        return self.cleaned_data["email"]


class PasswordChangeForm(ChangePasswordForm):
    """allauth's form in the portal's words."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"].label = "Password until now"
        _name_new_passwords(self.fields)


class PasswordFromLinkForm(ResetPasswordKeyForm):
    """allauth's form in the portal's words."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _name_new_passwords(self.fields)


def _name_new_passwords(fields):
    fields["password1"].label = "New password"
    fields["password1"].help_text = PASSWORD_HINT
    fields["password2"].label = "New password once more"
    for name in fields:
        fields[name].widget.attrs.pop("placeholder", None)


class _ByName:
    """A choice among people says their names; the e-mail address of whoever has none."""

    def label_from_instance(self, user):
        return user.name or user.email


class TeamField(_ByName, forms.ModelMultipleChoiceField):
    pass


class FirmUserField(_ByName, forms.ModelChoiceField):
    pass


class ClientForm(forms.ModelForm):
    """A client, and the firm users who look after it. A firm user always looks after the clients they add."""

    firm_users = TeamField(
        queryset=User.objects.filter(role=Role.FIRM_USER, is_active=True).order_by("name"),
        label="Looked after by",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="These firm users see the client; so do administrators, and firm users who see all clients.",
    )
    notified = TeamField(
        queryset=User.objects.filter(role=Role.FIRM_USER, is_active=True).order_by("name"),
        label="Told when the client sends files",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Of those who look after it. Where nobody is told, administrators are.",
    )

    class Meta:
        model = Client
        fields = ["name"]
        field_classes = {"name": LineField}
        labels = {"name": "Client"}
        help_texts = {"name": "A person, a couple or a business, as your firm files it."}
        error_messages = {"name": {"unique": "There is already a client with this name."}}

    def __init__(self, *args, by, **kwargs):
        super().__init__(*args, **kwargs)
        self._by = by
        team = list(self.instance.assignments.all()) if self.instance.pk else []
        self.fields["firm_users"].initial = [assignment.user_id for assignment in team]
        self.fields["notified"].initial = [assignment.user_id for assignment in team if assignment.is_notified]

    def clean(self):
        cleaned = super().clean()
        strays = set(cleaned.get("notified", ())) - set(cleaned.get("firm_users", ()))
        if strays:
            names = ", ".join(sorted(user.name or user.email for user in strays))
            self.add_error("notified", f"{names} must look after the client too, or not be told.")
        return cleaned

    @property
    def team(self):
        """{firm user: is told of files}."""
        told = set(self.cleaned_data["notified"])
        team = {user: user in told for user in self.cleaned_data["firm_users"]}
        if self._by.is_firm_user:
            team.setdefault(self._by, True)
        return team


class ClientListForm(forms.Form):
    """What the list of clients can be narrowed by."""

    q = forms.CharField(label="Name", required=False, widget=forms.TextInput({"type": "search"}))
    firm_user = FirmUserField(
        queryset=User.objects.filter(role=Role.FIRM_USER, deleted_at=None).order_by("name", "email"),
        label="Looked after by",
        required=False,
        empty_label="Anybody",
    )
    state = forms.ChoiceField(
        label="State", required=False, choices=[("", "Open"), ("archived", "Archived"), ("deleted", "Deleted")]
    )

    def filter(self, clients):
        """The clients that fit; none where the filter cannot be understood."""
        if not self.is_valid():
            return clients.none()
        state, words, firm_user = (self.cleaned_data[name] for name in ("state", "q", "firm_user"))
        if state == "deleted":
            clients = clients.exclude(deleted_at=None)
        elif state == "archived":
            clients = clients.filter(deleted_at=None).exclude(archived_at=None)
        else:
            clients = clients.open()
        if words:
            clients = clients.filter(name__icontains=words)
        return clients.filter(assignments__user=firm_user) if firm_user else clients


class PeopleListForm(forms.Form):
    """What the list of the firm's people can be narrowed by."""

    q = forms.CharField(label="Name or e-mail", required=False, widget=forms.TextInput({"type": "search"}))
    role = forms.ChoiceField(label="Role", required=False, choices=[("", "All roles"), *FIRM_ROLES])
    state = forms.ChoiceField(
        label="State",
        required=False,
        choices=[("", "Not deleted"), ("inactive", "Cannot sign in"), ("deleted", "Deleted")],
    )

    def filter(self, people):
        """The people that fit; none where the filter cannot be understood."""
        if not self.is_valid():
            return people.none()
        words, role, state = (self.cleaned_data[name] for name in ("q", "role", "state"))
        people = people.exclude(deleted_at=None) if state == "deleted" else people.kept()
        if state == "inactive":
            people = people.filter(is_active=False)
        if words:
            people = people.filter(Q(name__icontains=words) | Q(email__icontains=words))
        return people.filter(role=role) if role else people


class PersonForm(forms.Form):
    """Somebody to be invited. Of a client: also somebody who already uses the portal for another; then ``known``."""

    name = LineField(max_length=150, widget=forms.TextInput({"autocomplete": "off"}))
    email = forms.EmailField(label="E-mail address", widget=forms.EmailInput({"autocomplete": "off"}))

    def __init__(self, *args, client=None, **kwargs):
        super().__init__(*args, **kwargs)
        self._client = client
        self.known = None

    def clean_email(self):
        email = User.objects.normalize_email(self.cleaned_data["email"])
        found = User.objects.filter(email=email).first()
        if found is None:
            return email
        is_client_user = self._client is not None and found.is_client_user
        if not is_client_user or self._client.people.filter(pk=found.pk).exists():
            raise ValidationError(f"{email} already has an account here.")
        self.known = found
        return email


class FirmPersonForm(PersonForm):
    """Somebody of the firm to be invited."""

    role = forms.ChoiceField(
        choices=FIRM_ROLES,
        initial=Role.FIRM_USER,
        help_text="Firm users work with their clients. Administrators see and change everything. Auditors read the logs.",
    )


class EditPersonForm(forms.ModelForm):
    """A person's name, rights and, among the firm's people, role. Fields that are not for this person do not exist, so
    that posting them changes nothing."""

    class Meta:
        model = User
        fields = ["name", "role", *(right.field for right in Right)]
        field_classes = {"name": LineField}

    def __init__(self, *args, by, **kwargs):
        super().__init__(*args, **kwargs)
        rights = {right.field for right in CHOSEN.get(self.instance.role, ())}
        for right in Right:
            if right.field not in rights:
                del self.fields[right.field]
        if self.instance.is_client_user or not by.is_administrator or self.instance.pk == by.pk:
            del self.fields["role"]
        else:
            self.fields["role"].choices = FIRM_ROLES


class ConfirmForm(forms.Form):
    """A step that cannot be taken back."""

    yes = forms.CharField(label="Type YES", widget=forms.TextInput({"autocomplete": "off"}))

    def clean_yes(self):
        if self.cleaned_data["yes"].strip() != "YES":
            raise ValidationError("Type YES in capital letters, or keep it.")
        return True


class AcceptForm(forms.Form):
    """What an invited person chooses."""

    name = LineField(max_length=150, label="Your name", widget=forms.TextInput({"autocomplete": "name"}))
    password = forms.CharField(
        strip=False,
        help_text=PASSWORD_HINT,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self._user = user
        if user is None:
            field = PersonForm.base_fields["email"]
            self.fields = {"email": field, **self.fields}
        else:
            self.fields["name"].initial = user.name

    def clean_email(self):
        email = User.objects.normalize_email(self.cleaned_data["email"])
        if User.objects.filter(email=email).exists():
            raise ValidationError(f"{email} already has an account here.")
        return email

    def clean(self):
        cleaned = super().clean()
        candidate = User(
            email=cleaned.get("email") or (self._user.email if self._user else ""), name=cleaned.get("name", "")
        )
        if cleaned.get("password"):
            try:
                password_validation.validate_password(cleaned["password"], candidate)
            except ValidationError as problem:
                self.add_error("password", problem)
        return cleaned


class ProfileForm(forms.ModelForm):
    """One's own name and time zone, and which mails one wants."""

    time_zone = forms.ChoiceField(required=False, help_text="Times are shown in this zone.")
    file_notices = forms.ChoiceField(
        label="When files come for you", choices=Notices, help_text="The mail holds names and links, never a file."
    )

    class Meta:
        model = User
        fields = ["name", "time_zone", "file_notices", "gets_receipts"]
        field_classes = {"name": LineField}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].choices = [("", "As the firm"), *zone_choices()]
        if not self.instance.may(Right.VIEW_FILES):
            del self.fields["file_notices"]
        if not self.instance.may(Right.SEND_FILES):
            del self.fields["gets_receipts"]


class FirmForm(forms.ModelForm):
    """The firm's settings."""

    time_zone = forms.ChoiceField(choices=zone_choices, help_text="For people who have not chosen their own.")
    logo_file = forms.FileField(
        label="Logo",
        required=False,
        help_text="A square PNG or JPEG, at most 200 KB. Without one, the firm's initials stand.",
    )
    remove_logo = forms.BooleanField(label="Remove the logo", required=False)
    field_order = ["name", "tagline", "phone", "accent", "logo_file", "remove_logo"]

    class Meta:
        model = Firm
        fields = [
            *("name", "tagline", "phone", "accent", "time_zone"),
            *("second_factor_firm", "second_factor_clients", "idle_minutes", "session_hours"),
            *("log_years", "has_legal_hold", "checkpoint_emails"),
        ]
        field_classes = {"name": LineField, "tagline": LineField, "phone": LineField}
        labels = {"tagline": "Line under the name", "accent": "Accent color"}
        help_texts = {
            "tagline": "For example: Certified Public Accountants",
            "phone": "Shown where somebody cannot sign in.",
            "log_years": "Older events may be archived into a file and taken out of the database.",
            "checkpoint_emails": "E-mail addresses, one to a line, best of somebody outside the firm's own network. "
            "A checkpoint shows later that the log was not cut or rewritten.",
            "accent": "Its hue stays; its lightness follows light and dark, so that text can always be read.",
        }
        widgets = {"accent": forms.TextInput({"type": "color"}), "checkpoint_emails": forms.Textarea({"rows": 3})}

    def clean_checkpoint_emails(self):
        emails = self.cleaned_data["checkpoint_emails"].split()
        for email in emails:
            try:
                validate_email(email)
            except ValidationError as problem:
                raise ValidationError(f"{email} is no e-mail address.") from problem
        return "\n".join(emails)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not self.instance.logo:
            del self.fields["remove_logo"]
        for name in SESSION_LIMITS.keys() & self.fields.keys():
            (least, most), label = SESSION_LIMITS[name], self.fields[name].label
            self.fields[name] = forms.IntegerField(label=label, min_value=least, max_value=most)

    def clean_logo_file(self):
        file = self.cleaned_data["logo_file"]
        if not file:
            return None
        content = file.read(MOST_LOGO_BYTES + 1)
        if len(content) > MOST_LOGO_BYTES:
            raise ValidationError("The picture has more than 200 KB. Choose a smaller one.")
        kind = next((kind for start, kind in LOGO_TYPES.items() if content.startswith(start)), None)
        if kind is None:
            raise ValidationError("This file is neither PNG nor JPEG. Choose one that is.")
        return content, kind

    def changes(self):
        """The settings to hand to ``Firm.change``."""
        fields = {name: self.cleaned_data[name] for name in self.Meta.fields}
        if self.cleaned_data.get("logo_file"):
            fields["logo"], fields["logo_type"] = self.cleaned_data["logo_file"]
        elif self.cleaned_data.get("remove_logo"):
            fields["logo"], fields["logo_type"] = b"", ""
        return fields
