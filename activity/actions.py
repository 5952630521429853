"""Everything the log can say. A value is ``area.action`` and permanent; a label may be improved.

A new logged action is a signal in its own app, a line here, and a line in ``activity.receivers``.
"""

from django.db import models


class Area(models.TextChoices):
    SIGN_IN = "sign-in", "Sign-in"
    ACCESS = "access", "Access"
    ACCOUNTS = "accounts", "Accounts"
    FILES = "files", "Secure File Exchange"
    LOG = "log", "Reports and exports"
    SYSTEM = "system", "System"


class Action(models.TextChoices):
    SIGNED_IN = "sign-in.signed-in", "Signed in"
    SIGN_IN_FAILED = "sign-in.failed", "Sign-in failed"
    SIGN_IN_LIMITED = "sign-in.limited", "Sign-in limited"
    SIGNED_OUT = "sign-in.signed-out", "Signed out"
    PASSWORD_CHANGED = "sign-in.password-changed", "Changed the password"
    PASSWORD_RESET_ASKED = "sign-in.password-reset-asked", "Asked for a new password"
    PASSWORD_RESET = "sign-in.password-reset", "Set a new password"

    ACCESS_DENIED = "access.denied", "Access denied"

    USER_INVITED = "accounts.invited", "Invited a person"
    USER_JOINED = "accounts.joined", "Joined the portal"
    PROFILE_CHANGED = "accounts.profile-changed", "Changed a profile"
    CLIENT_CREATED = "accounts.client-created", "Added a client"
    SETTINGS_CHANGED = "accounts.settings-changed", "Changed the firm settings"

    FILE_UPLOADED = "files.uploaded", "Uploaded a file"
    VERSION_UPLOADED = "files.version-uploaded", "Uploaded a new version"
    UPLOAD_FAILED = "files.upload-failed", "Upload failed"
    FILE_DOWNLOADED = "files.downloaded", "Downloaded a file"
    FILE_RENAMED = "files.renamed", "Renamed a file"
    FILE_BINNED = "files.binned", "Moved a file to the bin"
    FILE_RESTORED = "files.restored", "Put a file back"
    FOLDER_CREATED = "files.folder-created", "Made a folder"

    LOG_VIEWED = "log.viewed", "Viewed a log"
    EXPORT_STARTED = "log.export-started", "Started an export"
    EXPORT_FINISHED = "log.export-finished", "Finished an export"
    EXPORT_BROKEN_OFF = "log.export-broken-off", "Export broken off"

    PORTAL_PREPARED = "system.prepared", "Prepared the portal"
    LOG_VERIFIED = "system.log-verified", "Verified the log"
    NOTICE_SENT = "system.notice-sent", "Sent a notice"
    NOTICE_FAILED = "system.notice-failed", "Notice failed"

    @property
    def area(self):
        return Area(self.value.split(".")[0])

    @classmethod
    def in_area(cls, area):
        return [action for action in cls if action.area == area]


def action_choices():
    """For the field: a callable, so that a new action needs no migration."""
    return Action.choices


def area_choices():
    return Area.choices
