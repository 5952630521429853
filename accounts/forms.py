import logging
from zoneinfo import available_timezones

from allauth.account.forms import ChangePasswordForm, LoginForm, ResetPasswordForm, ResetPasswordKeyForm
from django import forms
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError

from accounts.models import Client, Firm, Role, User
from accounts.signals import password_reset_asked

logger = logging.getLogger("portal.mail")
LOGO_TYPES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
PASSWORD_HINT = "12 characters or more. A few words you remember are better than one you forget."
MOST_LOGO_BYTES = 200 * 1024
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
    """allauth's form; that somebody with an account asked is announced before the mail goes out."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["email"].label = "E-mail address"
        self.fields["email"].widget.attrs = {"autocomplete": "username", "autofocus": True}

    def save(self, request, **kwargs):
        for user in self.users:
            password_reset_asked.send(User, user=user)
        try:
            return super().save(request, **kwargs)
        except OSError:  # an error page would tell a stranger that the address has an account
            logger.exception("A mail could not be sent: a link to set a new password")
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


class ClientForm(forms.ModelForm):
    """A new client and the firm users who look after it."""

    firm_users = forms.ModelMultipleChoiceField(
        queryset=User.objects.filter(role=Role.FIRM_USER, is_active=True),
        label="Looked after by",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Only administrators and these firm users see the client.",
    )

    class Meta:
        model = Client
        fields = ["name"]
        labels = {"name": "Client"}
        help_texts = {"name": "A person, a couple or a business, as your firm files it."}
        error_messages = {"name": {"unique": "There is already a client with this name."}}


class PersonForm(forms.Form):
    """Somebody to be invited."""

    name = forms.CharField(max_length=150, widget=forms.TextInput({"autocomplete": "off"}))
    email = forms.EmailField(label="E-mail address", widget=forms.EmailInput({"autocomplete": "off"}))

    def clean_email(self):
        email = User.objects.normalize_email(self.cleaned_data["email"])
        if User.objects.filter(email=email).exists():
            raise ValidationError(f"{email} already has an account here.")
        return email


class FirmPersonForm(PersonForm):
    """Somebody of the firm to be invited."""

    role = forms.ChoiceField(
        choices=[(role.value, role.label) for role in Role if role != Role.CLIENT_USER],
        initial=Role.FIRM_USER,
        help_text="Firm users work with their clients. Administrators see and change everything. Auditors read the logs.",
    )


class AcceptForm(forms.Form):
    """What an invited person chooses."""

    name = forms.CharField(max_length=150, label="Your name", widget=forms.TextInput({"autocomplete": "name"}))
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

    clean_email = PersonForm.clean_email

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
    """One's own name and time zone."""

    time_zone = forms.ChoiceField(required=False, help_text="Times are shown in this zone.")

    class Meta:
        model = User
        fields = ["name", "time_zone"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].choices = [("", "As the firm"), *zone_choices()]


class FirmForm(forms.ModelForm):
    """The firm's settings."""

    time_zone = forms.ChoiceField(choices=zone_choices, help_text="For people who have not chosen their own.")
    logo_file = forms.FileField(
        label="Logo",
        required=False,
        help_text="A square PNG or JPEG, at most 200 KB. Without one, the firm's initials stand.",
    )
    remove_logo = forms.BooleanField(label="Remove the logo", required=False)

    class Meta:
        model = Firm
        fields = ["name", "tagline", "phone", "accent", "time_zone"]
        labels = {"tagline": "Line under the name", "accent": "Accent color"}
        help_texts = {
            "tagline": "For example: Certified Public Accountants",
            "phone": "Shown where somebody cannot sign in.",
            "accent": "Its hue stays; its lightness follows light and dark, so that text can always be read.",
        }
        widgets = {"accent": forms.TextInput({"type": "color"})}

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
