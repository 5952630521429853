"""What happened to accounts. All have one shape: ``send(Model, subject=object, by=user, before=…, after=…)``,
sent as the last statement of the atomic verb that did it; a bulk verb sends one signal with ``subjects=[…]`` and, in the
same order, ``each=[{…}, …]``."""

from django.dispatch import Signal

user_invited = Signal()
user_joined = Signal()
client_created = Signal()
settings_changed = Signal()
profile_changed = Signal()
email_change_asked = Signal()
email_changed = Signal()

user_changed = Signal()
user_deactivated = Signal()
user_reactivated = Signal()
user_deleted = Signal()
user_unlocked = Signal()
invitation_revoked = Signal()
factors_reset = Signal()
session_ended = Signal()
# With ``client``: of which client the person is, or is no longer, one of the people
member_added = Signal()
member_removed = Signal()
client_changed = Signal()
client_archived = Signal()
client_reactivated = Signal()
client_deleted = Signal()
clients_imported = Signal()

# Invitations without a mail so far: ``send(User, subjects=[…], by=user)``
invitations_due = Signal()

# Somebody with an account asked for a reset link, used it, or changed their password: ``send(User, user=user)``
password_reset_asked = Signal()
password_reset = Signal()
password_changed = Signal()

# Somebody has a new second factor, or new recovery codes: ``send(User, user=user, authenticator=…)``
factor_added = Signal()

# Too many tries, refused before anything was looked at: ``send(User, email=…, note=…)``, the address as it was given, or
# ``by``, whoever is signed in
limited = Signal()
