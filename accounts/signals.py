"""What happened to accounts. All have one shape: ``send(Model, subject=object, by=user, before=…, after=…)``,
sent as the last statement of the atomic verb that did it."""

from django.dispatch import Signal

user_invited = Signal()
user_joined = Signal()
client_created = Signal()
settings_changed = Signal()
profile_changed = Signal()

# Somebody with an account asked for a reset link, used it, or changed their password: ``send(User, user=user)``
password_reset_asked = Signal()
password_reset = Signal()
password_changed = Signal()

# A sign-in refused before the password was looked at: ``send(User, email=…, request=…)``
sign_in_limited = Signal()
