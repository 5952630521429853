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
    SESSION_ENDED = "sign-in.session-ended", "Session ended"
    PASSWORD_CHANGED = "sign-in.password-changed", "Changed the password"
    PASSWORD_RESET_ASKED = "sign-in.password-reset-asked", "Asked for a new password"
    PASSWORD_RESET = "sign-in.password-reset", "Set a new password"
    FACTOR_ADDED = "sign-in.factor-added", "Added a second factor"
    FACTOR_REMOVED = "sign-in.factor-removed", "Removed a second factor"
    FACTOR_FAILED = "sign-in.factor-failed", "Second factor failed"
    RECOVERY_CODES_MADE = "sign-in.recovery-codes-made", "Made recovery codes"
    RECOVERY_CODE_USED = "sign-in.recovery-code-used", "Used a recovery code"
    EMAIL_CHANGE_ASKED = "sign-in.email-change-asked", "Asked for another e-mail address"
    EMAIL_CHANGED = "sign-in.email-changed", "Changed the e-mail address"

    ACCESS_DENIED = "access.denied", "Access denied"
    FORM_REFUSED = "access.form-refused", "Form refused"
    HOST_REFUSED = "access.host-refused", "Host name refused"

    USER_INVITED = "accounts.invited", "Invited a person"
    USER_JOINED = "accounts.joined", "Joined the portal"
    INVITATION_REVOKED = "accounts.invitation-revoked", "Revoked an invitation"
    USER_CHANGED = "accounts.changed", "Changed an account"
    USER_DEACTIVATED = "accounts.deactivated", "Deactivated an account"
    USER_REACTIVATED = "accounts.reactivated", "Reactivated an account"
    USER_DELETED = "accounts.deleted", "Deleted an account"
    USER_UNLOCKED = "accounts.unlocked", "Unlocked an account"
    MEMBER_ADDED = "accounts.member-added", "Added a person to a client"
    MEMBER_REMOVED = "accounts.member-removed", "Removed a person from a client"
    FACTORS_RESET = "accounts.factors-reset", "Reset a second factor"
    PROFILE_CHANGED = "accounts.profile-changed", "Changed a profile"
    CLIENT_CREATED = "accounts.client-created", "Added a client"
    CLIENTS_IMPORTED = "accounts.imported", "Imported clients"
    CLIENT_CHANGED = "accounts.client-changed", "Changed a client"
    CLIENT_ARCHIVED = "accounts.client-archived", "Archived a client"
    CLIENT_REACTIVATED = "accounts.client-reactivated", "Reactivated a client"
    CLIENT_DELETED = "accounts.client-deleted", "Deleted a client"
    SETTINGS_CHANGED = "accounts.settings-changed", "Changed the firm settings"

    FILE_UPLOADED = "files.uploaded", "Uploaded a file"
    VERSION_UPLOADED = "files.version-uploaded", "Uploaded a new version"
    UPLOAD_FAILED = "files.upload-failed", "Upload failed"
    FILE_CHECKED = "files.checked", "Checked a file"
    FILE_QUARANTINED = "files.quarantined", "Quarantined a file"
    FILE_NOT_SCANNED = "files.not-scanned", "Held back a file that was not scanned"
    FILE_DAMAGED = "files.damaged", "Found a file damaged"
    FILE_RELEASED = "files.released", "Released a file"
    UPLOAD_GIVEN_UP = "files.upload-given-up", "Gave up an upload"
    FILE_DOWNLOADED = "files.downloaded", "Downloaded a file"
    FILE_PREVIEWED = "files.previewed", "Previewed a file"
    ZIP_BROKEN_OFF = "files.zip-broken-off", "ZIP broken off"
    FILE_RENAMED = "files.renamed", "Renamed a file"
    FILE_MOVED = "files.moved", "Moved a file"
    FILE_COPIED = "files.copied", "Copied a file"
    FILE_BINNED = "files.binned", "Moved a file to the bin"
    FILE_RESTORED = "files.restored", "Put a file back"
    VERSION_RESTORED = "files.version-restored", "Made an earlier version current"
    NOTE_ADDED = "files.note-added", "Left a note on a file"
    NOTE_REMOVED = "files.note-removed", "Removed a note from a file"
    FOLDER_CREATED = "files.folder-created", "Made a folder"
    FOLDER_RENAMED = "files.folder-renamed", "Renamed a folder"
    FOLDER_MOVED = "files.folder-moved", "Moved a folder"
    FOLDER_COPIED = "files.folder-copied", "Copied a folder"
    FOLDER_BINNED = "files.folder-binned", "Moved a folder to the bin"
    FOLDER_RESTORED = "files.folder-restored", "Put a folder back"
    FOLDER_VIEW_ONLY_SET = "files.folder-view-only", "Changed what clients may do in a folder"
    FOLDER_SET_APPLIED = "files.folder-set-applied", "Made the folders of a set"
    FOLDER_SET_MADE = "files.folder-set-made", "Made a folder set"
    FOLDER_SET_CHANGED = "files.folder-set-changed", "Changed a folder set"
    FOLDER_SET_DELETED = "files.folder-set-deleted", "Deleted a folder set"
    REQUEST_MADE = "files.request-made", "Asked for documents"
    REQUEST_CHANGED = "files.request-changed", "Changed a request"
    REQUEST_CLOSED = "files.request-closed", "Closed a request"
    REQUEST_REOPENED = "files.request-reopened", "Opened a request again"
    DOCUMENT_RECEIVED = "files.document-received", "Sent a requested document"
    DOCUMENT_RETURNED = "files.document-returned", "Asked for a document again"
    DOCUMENT_DECLINED = "files.document-declined", "Answered without a document"
    LINK_MADE = "files.link-made", "Made a request link"
    LINK_SENT_AGAIN = "files.link-sent-again", "Sent a request link again"
    LINK_REVOKED = "files.link-revoked", "Revoked a request link"
    LINK_OPENED = "files.link-opened", "Opened a request link"
    LINK_CODE_ASKED = "files.link-code-asked", "Asked for a code"
    LINK_CODE_FAILED = "files.link-code-failed", "Code failed"
    LINK_CONFIRMED = "files.link-confirmed", "Confirmed an address by code"
    LINK_REFUSED = "files.link-refused", "Request link refused"
    FILE_PURGED = "files.purged", "Deleted a file for good"
    VERSION_REMOVED = "files.version-removed", "Deleted a version for good"
    QUOTA_CHANGED = "files.quota-changed", "Changed a client's quota"
    HOLD_PLACED = "files.hold-placed", "Placed a legal hold"
    HOLD_LIFTED = "files.hold-lifted", "Lifted a legal hold"
    RULE_MADE = "files.rule-made", "Made a retention rule"
    RULE_ENDED = "files.rule-ended", "Ended a retention rule"
    RETENTION_ANNOUNCED = "files.retention-announced", "Announced what a rule takes"
    COUNTERS_REPAIRED = "files.counters-repaired", "Repaired counters"

    LOG_VIEWED = "log.viewed", "Viewed a log"
    EXPORT_STARTED = "log.export-started", "Started an export"
    EXPORT_FINISHED = "log.export-finished", "Finished an export"
    EXPORT_BROKEN_OFF = "log.export-broken-off", "Export broken off"
    EXPORT_VERIFIED = "log.export-verified", "Verified an export"
    RECEIPT_VERIFIED = "log.receipt-verified", "Verified a receipt"
    VIEW_SAVED = "log.view-saved", "Saved a view"
    VIEW_RENAMED = "log.view-renamed", "Renamed a saved view"
    VIEW_SHARED = "log.view-shared", "Shared a saved view"
    VIEW_UNSHARED = "log.view-unshared", "Stopped sharing a saved view"
    VIEW_DELETED = "log.view-deleted", "Deleted a saved view"
    SCHEDULE_MADE = "log.schedule-made", "Scheduled a report"
    SCHEDULE_CHANGED = "log.schedule-changed", "Changed a scheduled report"
    SCHEDULE_PAUSED = "log.schedule-paused", "Paused a scheduled report"
    SCHEDULE_RESUMED = "log.schedule-resumed", "Went on with a scheduled report"
    SCHEDULE_DELETED = "log.schedule-deleted", "Deleted a scheduled report"
    SCHEDULE_RUN = "log.schedule-run", "Had a scheduled report made at once"
    REPORT_FAILED = "log.report-failed", "Scheduled report failed"
    REPORT_FETCHED = "log.report-fetched", "Fetched a scheduled report"

    COMMAND_RUN = "system.command", "Ran a command"
    PORTAL_PREPARED = "system.prepared", "Prepared the portal"
    CHECKPOINT_MADE = "system.checkpoint-made", "Made a checkpoint"
    LOG_ARCHIVED = "system.log-archived", "Archived the log"
    BREAK_ACKNOWLEDGED = "system.break-acknowledged", "Acknowledged a break of the log"
    LOG_VERIFIED = "system.log-verified", "Verified the log"
    LOG_RESTRICTED = "system.log-restricted", "Restricted the log to reading and appending"
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
