"""Who may open which address, taken from the URLconf itself: an address without a decision here fails."""

import re
import uuid
from itertools import product

import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.urls import get_resolver, reverse

from accounts.import_batches import ImportBatch
from accounts.models import Client, Invitation, Role
from activity.actions import Action
from activity.checkpoints import make_checkpoint
from files.models import FolderSet, RetentionRule
from organizer.models import Sending
from portal.admin import site
from tests.conftest import PASSWORD, begin_upload, join, put_file
from tests.files.asking import ask, linked
from tests.organizer.asking import published, sent
from tests.reports.saving import made, saved, scheduled

ROLES = ["anonymous", "client", "stranger", "firm_user", "unassigned", "auditor", "administrator"]
# For each address what GET and POST answer each of ROLES, about objects of the client Acme. "in": sent to sign in.
DECISIONS = {
    # Signing in
    "account_change_password": ("in 200 200 200 200 200 200", "in 200 200 200 200 200 200"),
    "account_inactive": ("200 200 200 200 200 200 200", "405 405 405 405 405 405 405"),
    "account_login": ("200 302 302 302 302 302 302", "200 302 302 302 302 302 302"),
    "account_logout": ("302 200 200 200 200 200 200", "302 302 302 302 302 302 302"),
    "account_reauthenticate": ("in 200 200 200 200 200 200", "in 200 200 200 200 200 200"),
    "account_reset_password": ("200 200 200 200 200 200 200", "200 200 200 200 200 200 200"),
    "account_reset_password_done": ("200 200 200 200 200 200 200", "405 405 405 405 405 405 405"),
    "account_reset_password_from_key": ("200 200 200 200 200 200 200", "200 200 200 200 200 200 200"),
    "account_reset_password_from_key_done": ("200 200 200 200 200 200 200", "405 405 405 405 405 405 405"),
    "firm-css": ("200 200 200 200 200 200 200", "405 405 405 405 405 405 405"),
    "invitation": ("200 200 200 200 200 200 200", "200 200 200 200 200 200 200"),
    # One's own second factor, sessions and address; 302: the password is asked again, or nothing is waiting for it
    "account_email": ("in 302 302 302 302 302 302", "in 302 302 302 302 302 302"),
    "account_confirm_email": ("410 410 410 410 410 410 410", "410 410 410 410 410 410 410"),
    "mfa_index": ("in 200 200 200 200 200 200", "in 405 405 405 405 405 405"),
    "mfa_authenticate": ("302 302 302 302 302 302 302", "302 302 302 302 302 302 302"),
    "mfa_reauthenticate": ("in 302 302 302 302 302 302", "in 302 302 302 302 302 302"),
    "mfa_activate_totp": ("in 302 302 302 302 302 302", "in 302 302 302 302 302 302"),
    "mfa_deactivate_totp": ("in 302 302 302 302 302 302", "in 302 302 302 302 302 302"),
    "mfa_view_recovery_codes": ("in 404 404 404 404 404 404", "in 405 405 405 405 405 405"),
    "mfa_generate_recovery_codes": ("in 302 302 302 302 302 302", "in 302 302 302 302 302 302"),
    "mfa_add_webauthn": ("in 302 302 302 302 302 302", "in 302 302 302 302 302 302"),
    "mfa_login_webauthn": ("302 302 302 302 302 302 302", "302 302 302 302 302 302 302"),
    "mfa_reauthenticate_webauthn": ("in 302 302 302 302 302 302", "in 302 302 302 302 302 302"),
    "mfa_remove_webauthn": ("in 302 302 302 302 302 302", "in 302 302 302 302 302 302"),
    "mfa_edit_webauthn": ("in 302 302 302 302 302 302", "in 302 302 302 302 302 302"),
    "sessions": ("in 200 200 200 200 200 200", "in 302 302 302 302 302 302"),
    "session-end": ("in 405 405 405 405 405 405", "in 404 404 404 404 404 404"),
    # Everybody who is signed in
    "exchange": ("in 302 302 200 200 403 200", "in 405 405 405 405 403 405"),
    "help": ("in 200 200 200 200 200 200", "in 405 405 405 405 405 405"),
    "help-page": ("in 200 200 200 200 200 200", "in 405 405 405 405 405 405"),
    "home": ("in 200 200 200 200 200 200", "in 405 405 405 405 405 405"),
    "profile": ("in 200 200 200 200 200 200", "in 200 200 200 200 200 200"),
    "demonstration-mail": ("in 403 403 403 403 403 404", "in 403 403 403 403 403 405"),  # shown in a demonstration only
    # The firm's people and settings
    "client": ("in 403 403 200 404 403 200", "in 403 403 405 405 403 405"),
    "client-new": ("in 403 403 200 200 403 200", "in 403 403 200 200 403 200"),
    "client-people": ("in 403 403 200 404 403 200", "in 403 403 200 404 403 200"),
    "clients": ("in 403 403 200 200 403 200", "in 403 403 405 405 403 405"),
    "person-invitations": ("in 403 403 405 405 403 405", "in 403 403 302 404 403 302"),
    "firm-settings": ("in 403 403 403 403 403 200", "in 403 403 403 403 403 200"),
    "setup": ("in 403 403 403 403 403 200", "in 403 403 403 403 403 302"),
    "setup-step": ("in 403 403 403 403 403 200", "in 403 403 403 403 403 302"),
    "firm-user-new": ("in 403 403 403 403 403 200", "in 403 403 403 403 403 200"),
    "firm-users": ("in 403 403 403 403 403 200", "in 403 403 403 403 403 405"),
    # The lists, one person, one client, and an import
    "roster": ("in 403 403 200 200 200 200", "in 403 403 405 405 405 405"),
    "roster-file": ("in 403 403 200 200 200 200", "in 403 403 405 405 405 405"),
    "sign-ins": ("in 403 403 200 200 200 200", "in 403 403 405 405 405 405"),
    "sign-ins-file": ("in 403 403 200 200 200 200", "in 403 403 405 405 405 405"),
    "client-change": ("in 403 403 200 404 403 200", "in 403 403 200 404 403 200"),
    "client-person-removal": ("in 403 403 405 405 403 405", "in 403 403 302 404 403 404"),
    "client-archive": ("in 403 403 403 403 403 405", "in 403 403 403 403 403 302"),
    "client-reactivation": ("in 403 403 403 403 403 405", "in 403 403 403 403 403 302"),
    "client-deletion": ("in 403 403 403 403 403 200", "in 403 403 403 403 403 200"),
    "import": ("in 403 403 403 403 403 200", "in 403 403 403 403 403 200"),
    "import-template": ("in 403 403 403 403 403 200", "in 403 403 403 403 403 405"),
    "import-batch": ("in 403 403 403 403 403 200", "in 403 403 403 403 403 200"),
    "import-discard": ("in 403 403 403 403 403 405", "in 403 403 403 403 403 302"),
    "held-invitations": ("in 403 403 403 403 403 200", "in 403 403 403 403 403 200"),
    "person": ("in 403 403 200 404 403 200", "in 403 403 405 405 403 405"),
    "person-change": ("in 403 403 200 404 403 200", "in 403 403 200 404 403 200"),
    "person-deactivation": ("in 403 403 405 405 403 405", "in 403 403 302 404 403 302"),
    "person-reactivation": ("in 403 403 405 405 403 405", "in 403 403 302 404 403 302"),
    "person-deletion": ("in 403 403 403 403 403 200", "in 403 403 403 403 403 200"),
    "person-revocation": ("in 403 403 405 405 403 405", "in 403 403 302 404 403 302"),
    "person-sessions-end": ("in 403 403 405 405 403 405", "in 403 403 302 404 403 302"),
    "person-factors-reset": ("in 403 403 403 403 403 405", "in 403 403 403 403 403 302"),
    "person-unlock": ("in 403 403 405 405 403 405", "in 403 403 302 404 403 302"),
    # The logs
    "activity": ("in 403 403 403 403 200 200", "in 403 403 403 403 405 405"),
    "activity-file": ("in 403 403 403 403 200 200", "in 403 403 403 403 405 405"),
    "activity-chart": ("in 403 403 403 403 200 200", "in 403 403 403 403 405 405"),
    "activity-new": ("in 403 403 403 403 200 200", "in 403 403 403 403 405 405"),
    "file-activity-chart": ("in 403 403 200 200 200 200", "in 403 403 405 405 405 405"),
    "file-activity-new": ("in 403 403 200 200 200 200", "in 403 403 405 405 405 405"),
    "choices-people": ("in 403 403 200 200 200 200", "in 403 403 405 405 405 405"),
    "choices-clients": ("in 403 403 200 200 200 200", "in 403 403 405 405 405 405"),
    "export-verification": ("in 403 403 200 200 200 200", "in 403 403 200 200 200 200"),
    "event": ("in 403 403 403 403 200 200", "in 403 403 403 403 405 405"),
    "status": ("in 403 403 403 403 200 200", "in 403 403 403 403 405 405"),
    "integrity": ("in 403 403 403 403 200 200", "in 403 403 403 403 405 405"),
    "integrity-checks": ("in 403 403 403 403 403 405", "in 403 403 403 403 403 302"),
    "integrity-acknowledgement": ("in 403 403 403 403 403 405", "in 403 403 403 403 403 302"),
    "integrity-checkpoints": ("in 403 403 403 403 403 405", "in 403 403 403 403 403 302"),
    "integrity-checkpoint": ("in 403 403 403 403 200 200", "in 403 403 403 403 405 405"),
    "integrity-verifier": ("in 403 403 403 403 200 200", "in 403 403 403 403 405 405"),
    "file-activity": ("in 403 403 200 200 200 200", "in 403 403 405 405 405 405"),
    "file-activity-file": ("in 403 403 200 200 200 200", "in 403 403 405 405 405 405"),
    "access": ("in 403 403 200 200 200 200", "in 403 403 405 405 405 405"),
    "access-file": ("in 403 403 302 302 302 302", "in 403 403 405 405 405 405"),  # no client is chosen
    "file-history": ("in 200 404 200 404 404 200", "in 405 405 405 405 405 405"),
    "file-history-file": ("in 200 404 200 404 404 200", "in 405 405 405 405 405 405"),
    "trail": ("in 200 200 403 403 403 403", "in 405 405 403 403 403 403"),
    "trail-file": ("in 200 200 403 403 403 403", "in 405 405 403 403 403 403"),
    # Organizers taken away; a client does not get numbers in full, which is what POST is for
    "organizer-export": ("in 200 404 200 404 403 200", "in 403 403 200 404 403 200"),
    "organizer-print": ("in 200 404 200 404 403 200", "in 405 405 405 405 403 405"),
    "organizer-zip": ("in 200 404 200 404 403 200", "in 405 405 405 405 403 405"),
    "organizer-year": ("in 403 403 200 404 403 200", "in 403 403 405 405 403 405"),  # theo has no client with one
    "usage": ("in 403 403 200 200 200 200", "in 403 403 405 405 405 405"),
    "usage-file": ("in 403 403 200 200 200 200", "in 403 403 405 405 405 405"),
    "usage-by-client": ("in 403 403 200 200 200 200", "in 403 403 405 405 405 405"),
    "usage-by-client-file": ("in 403 403 200 200 200 200", "in 403 403 405 405 405 405"),
    "usage-trend": ("in 403 403 200 200 200 200", "in 403 403 405 405 405 405"),
    "usage-trim": ("in 403 403 200 200 403 200", "in 403 403 200 200 403 200"),
    "usage-trim-review": ("in 403 403 405 405 403 405", "in 403 403 302 302 403 302"),
    "usage-trim-bin": ("in 403 403 405 405 403 405", "in 403 403 302 302 403 302"),
    "usage-trim-restore": ("in 403 403 405 405 403 405", "in 403 403 302 302 403 302"),
    # Saved views: the one that is asked for is the firm user's own
    "saved-views": ("in 403 403 200 200 200 200", "in 403 403 405 405 405 405"),
    "saved-view-new": ("in 403 403 200 200 200 200", "in 403 403 200 200 200 200"),
    "saved-view": ("in 403 403 302 404 404 404", "in 403 403 405 405 405 405"),
    "saved-view-change": ("in 403 403 200 404 404 404", "in 403 403 200 404 404 404"),
    "saved-view-deletion": ("in 403 403 200 404 404 404", "in 403 403 200 404 404 404"),
    # Scheduled reports: the firm user's own, of which the auditor was told
    "schedules": ("in 403 403 200 200 200 200", "in 403 403 405 405 405 405"),
    "schedule-new": ("in 403 403 200 404 404 404", "in 403 403 200 404 404 404"),
    "schedule": ("in 403 403 200 404 404 200", "in 403 403 405 405 405 405"),
    "schedule-change": ("in 403 403 200 404 404 200", "in 403 403 200 404 404 200"),
    "schedule-pause": ("in 403 403 405 405 405 405", "in 403 403 302 404 404 302"),
    "schedule-resumption": ("in 403 403 405 405 405 405", "in 403 403 302 404 404 302"),
    "schedule-runs": ("in 403 403 405 405 405 405", "in 403 403 302 404 404 302"),
    "schedule-deletion": ("in 403 403 200 404 404 200", "in 403 403 200 404 404 200"),
    "report-run": ("in 403 403 200 404 200 404", "in 403 403 405 405 405 405"),
    "report-run-file": ("in 403 403 200 404 200 404", "in 403 403 405 405 405 405"),
    # Templates of the Tax Organizer: only administrators have the right to edit them here; the firm's people may look
    **dict.fromkeys(
        ("organizer-templates", "organizer-template", "organizer-template-file"),
        ("in 403 403 403 403 403 200", "in 403 403 403 403 403 405"),
    ),
    "organizer-template-preview": ("in 403 403 200 200 403 200", "in 403 403 405 405 403 405"),
    "organizer-template-section": ("in 403 403 403 403 403 200", "in 403 403 403 403 403 405"),
    **{
        f"organizer-template-{name}": ("in 403 403 403 403 403 200", "in 403 403 403 403 403 200")
        for name in (
            *("new", "copy", "deletion", "draft-deletion", "words", "section-new", "section-words"),
            *("section-deletion", "question-new", "question", "question-deletion"),
        )
    },
    **{
        f"organizer-template-{name}": ("in 403 403 403 403 403 405", "in 403 403 403 403 403 302")
        for name in ("draft", "publication", "hold", "release", "section-place", "question-place")
    },
    # What a client is asked for
    "requests": ("in 403 403 200 200 403 200", "in 403 403 405 405 403 405"),
    "cabinet-requests": ("in 403 403 200 404 403 200", "in 403 403 405 405 403 405"),
    "request-new": ("in 403 403 200 404 403 200", "in 403 403 200 404 403 200"),
    "request": ("in 200 404 200 404 404 200", "in 405 405 405 405 405 405"),
    "request-change": ("in 403 403 200 404 403 200", "in 403 403 200 404 403 200"),
    "request-close": ("in 403 403 405 405 403 405", "in 403 403 302 404 403 302"),
    "request-reopen": ("in 403 403 405 405 403 405", "in 403 403 302 404 403 302"),
    "requested": ("in 200 404 200 404 404 200", "in 405 405 405 405 405 405"),
    "requested-files": ("in 405 405 405 405 405 405", "in 302 404 302 404 404 302"),
    "requested-answer": ("in 405 405 403 403 403 403", "in 200 404 403 403 403 403"),
    "requested-again": ("in 403 403 405 405 403 405", "in 403 403 200 404 403 200"),
    "requested-file": ("in 403 403 405 405 403 405", "in 403 403 200 404 403 200"),
    "cabinet-links": ("in 403 403 200 404 403 200", "in 403 403 405 405 403 405"),
    "link-new": ("in 403 403 200 404 403 200", "in 403 403 200 404 403 200"),
    "link-again": ("in 403 403 405 405 403 405", "in 403 403 302 404 403 302"),
    "link-revocation": ("in 403 403 405 405 403 405", "in 403 403 302 404 403 302"),
    # An organizer, as its client fills it in
    "organizer-section": ("in 200 404 403 403 403 403", "in 302 404 403 403 403 403"),
    "organizer-answers": ("in 405 405 403 403 403 403", "in 200 404 403 403 403 403"),
    "organizer-files": ("in 200 404 403 403 403 403", "in 302 404 403 403 403 403"),
    "organizer-file-sent": ("in 405 405 403 403 403 403", "in 200 404 403 403 403 403"),
    "organizer-check": ("in 200 404 403 403 403 403", "in 405 405 403 403 403 403"),
    "organizer-submit": ("in 405 405 403 403 403 403", "in 200 404 403 403 403 403"),
    "organizer-done": ("in 302 404 403 403 403 403", "in 405 405 403 403 403 403"),
    # The Tax Organizer
    "organizers": ("in 200 200 200 200 403 200", "in 405 405 405 405 403 405"),
    "organizer": ("in 200 404 200 404 403 200", "in 405 405 405 405 403 405"),
    "organizer-send": ("in 403 403 200 200 403 200", "in 403 403 200 200 403 200"),
    "organizer-sending": (
        "in 403 403 200 404 403 404",
        "in 403 403 302 404 403 404",
    ),  # the firm user chose its clients
    "organizer-sending-discard": ("in 403 403 405 405 403 405", "in 403 403 302 404 403 404"),
    "organizer-change": ("in 403 403 200 404 403 200", "in 403 403 200 404 403 200"),
    "organizer-remind": ("in 403 403 405 405 403 405", "in 403 403 302 404 403 302"),
    "organizer-withdraw": ("in 403 403 405 405 403 405", "in 403 403 302 404 403 302"),
    "organizer-send-again": ("in 403 403 405 405 403 405", "in 403 403 302 404 403 302"),
    "organizer-mark": ("in 403 403 405 405 403 405", "in 403 403 404 404 403 404"),  # no section is named
    "organizer-reopen": ("in 403 403 302 404 403 302", "in 403 403 302 404 403 302"),  # it is not submitted
    "organizer-reviewed": ("in 403 403 405 405 403 405", "in 403 403 302 404 403 302"),
    "organizer-seal": ("in 403 403 302 404 403 302", "in 403 403 302 404 403 302"),
    "organizer-reveal": ("in 403 403 405 405 403 405", "in 403 403 404 404 403 404"),  # no answer is named
    "organizer-changes": ("in 403 403 200 404 403 200", "in 403 403 405 405 403 405"),
    # For who has no account; who is signed in reads that they are
    "request-link": ("200 200 200 200 200 200 200", "302 200 200 200 200 200 200"),
    "request-link-code": ("200 200 200 200 200 200 200", "200 200 200 200 200 200 200"),
    "request-link-files": ("302 200 200 200 200 200 200", "302 200 200 200 200 200 200"),
    # Space, legal hold, retention and housekeeping
    "exchange-settings": ("in 403 403 403 403 403 200", "in 403 403 403 403 403 200"),
    "housekeeping": ("in 403 403 403 403 403 200", "in 403 403 403 403 403 405"),
    "retention": ("in 403 403 403 403 403 200", "in 403 403 403 403 403 405"),
    "retention-new": ("in 403 403 403 403 403 200", "in 403 403 403 403 403 200"),
    "retention-end": ("in 403 403 403 403 403 405", "in 403 403 403 403 403 302"),
    "retention-due": ("in 403 403 200 200 403 200", "in 403 403 405 405 403 405"),
    "cabinet-settings": ("in 403 403 403 403 403 200", "in 403 403 403 403 403 200"),
    "cabinet-hold": ("in 403 403 403 403 403 405", "in 403 403 403 403 403 200"),
    "cabinet-hold-end": ("in 403 403 403 403 403 405", "in 403 403 403 403 403 302"),
    "receipt-verification": ("200 200 200 200 200 200 200", "200 200 200 200 200 200 200"),
    # A client's files
    "checks": ("in 403 403 200 200 403 200", "in 403 403 405 405 403 405"),
    "file-receipt": ("in 200 404 200 404 404 200", "in 405 405 405 405 405 405"),
    "file-release": ("in 403 403 302 404 403 302", "in 403 403 302 404 403 302"),
    "cabinet": ("in 200 404 200 404 404 200", "in 405 405 405 405 405 405"),
    "cabinet-bin-emptying": ("in 403 403 200 404 403 200", "in 403 403 200 404 403 200"),
    "file-deletion": ("in 403 403 302 404 403 302", "in 403 403 302 404 403 302"),
    "version-deletion": ("in 403 403 302 404 403 302", "in 403 403 302 404 403 302"),
    "cabinet-bin": ("in 200 404 200 404 404 200", "in 405 405 405 405 405 405"),
    "cabinet-restore": ("in 405 405 405 405 405 405", "in 302 404 302 404 404 302"),
    "cabinet-zip": ("in 200 404 200 404 404 200", "in 405 405 405 405 405 405"),
    "file": ("in 200 404 200 404 404 200", "in 405 405 405 405 405 405"),
    "file-bin": ("in 405 405 405 405 405 405", "in 302 404 302 404 404 302"),
    "file-download": ("in 200 404 200 404 404 200", "in 405 405 405 405 405 405"),
    "file-preview": ("in 200 404 200 404 404 200", "in 405 405 405 405 405 405"),
    "file-preview-content": ("in 200 404 200 404 404 200", "in 405 405 405 405 405 405"),
    "file-name": ("in 200 404 200 404 404 200", "in 200 404 200 404 404 200"),
    "file-current": ("in 405 405 405 405 405 405", "in 302 404 302 404 404 302"),
    "file-notes": ("in 405 405 405 405 405 405", "in 200 404 200 404 404 200"),
    "file-note-removal": ("in 405 405 405 405 405 405", "in 302 404 302 404 404 302"),
    "file-restore": ("in 405 405 405 405 405 405", "in 302 404 302 404 404 302"),
    "folder": ("in 200 404 200 404 404 200", "in 405 405 405 405 405 405"),
    "cabinets": ("in 403 403 405 405 403 405", "in 403 403 302 302 403 302"),
    "cabinet-folder-sets": ("in 403 403 200 404 403 200", "in 403 403 200 404 403 200"),
    "file-search": ("in 200 200 200 200 403 200", "in 405 405 405 405 403 405"),
    "folder-sets": ("in 403 403 403 403 403 200", "in 403 403 403 403 403 405"),
    "folder-set": ("in 403 403 403 403 403 200", "in 403 403 403 403 403 200"),
    "folder-set-deletion": ("in 403 403 403 403 403 200", "in 403 403 403 403 403 200"),
    "folder-set-new": ("in 403 403 403 403 403 200", "in 403 403 403 403 403 200"),
    "folder-view-only": ("in 403 403 405 405 403 405", "in 403 403 302 404 403 302"),
    "folder-bin": ("in 405 405 405 405 405 405", "in 302 404 302 404 404 302"),
    "folder-move": ("in 405 405 405 405 405 405", "in 302 404 302 404 404 302"),
    "folder-name": ("in 200 404 200 404 404 200", "in 200 404 200 404 404 200"),
    "folder-zip": ("in 200 404 200 404 404 200", "in 302 404 302 404 404 302"),
    "folder-files": ("in 405 405 405 405 405 405", "in 302 404 302 404 404 302"),
    "uploads": ("in 200 200 200 200 403 200", "in 400 400 400 400 403 400"),
    "upload": ("in 200 404 404 404 404 404", "in 405 405 405 405 405 405"),
    "upload-parts": ("in 405 405 405 405 405 405", "in 200 404 404 404 404 404"),
    "upload-part": ("in 405 405 405 405 405 405", "in 405 405 405 405 405 405"),
    "upload-complete": ("in 405 405 405 405 405 405", "in 200 404 404 404 404 404"),
    "upload-end": ("in 405 405 405 405 405 405", "in 302 404 404 404 404 404"),
    "folder-folders": ("in 200 404 200 404 404 200", "in 200 404 200 404 404 200"),
}


def addresses():
    def walk(patterns):
        for pattern in patterns:
            if getattr(pattern, "namespace", None) == "admin":
                continue  # the admin has a decision of its own, below
            if hasattr(pattern, "url_patterns"):
                yield from walk(pattern.url_patterns)
            else:
                yield pattern.name

    return list(walk(get_resolver().url_patterns))


@pytest.fixture
def arguments(cast, w2):
    """What stands in each address's place: everything is Acme's."""
    folder = cast.acme.cabinet.top
    folder_set = FolderSet.make("Return", "{year} Tax Return", by=cast.administrator)
    asked = ask(cast)
    link, token = linked(cast)
    batch = ImportBatch.objects.create(by=cast.administrator, file_name="clients.csv", row_count=0)
    view, schedule = saved(cast.firm_user), scheduled(cast.firm_user, cast.auditor)
    run = made(schedule, cast.auditor)
    template = published(cast).template
    template.begin_draft(by=cast.administrator)
    organizer = sent(cast)
    sending = Sending.prepare(organizer.version, Client.objects.filter(pk=cast.acme.pk), by=cast.firm_user)
    rule = RetentionRule.objects.create(name="Seven years", months=84, by=cast.administrator)
    return {
        "account_reset_password_from_key": {"uidb36": "1", "key": "set-password"},
        "invitation": {"token": Invitation.issue(cast.client, by=cast.administrator)},
        "setup-step": {"name": "backup"},
        "client": {"client_id": cast.acme.pk},
        **{name: {"user_id": cast.client.pk} for name in addresses() if name.startswith("person")},
        **{
            name: {"client_id": cast.acme.pk}
            for name in addresses()
            if name.startswith("client-") and name != "client-new"
        },
        "client-person-removal": {"client_id": cast.acme.pk, "user_id": cast.second.pk},
        "account_confirm_email": {"key": "spent"},
        "session-end": {"session_id": 0},
        "mfa_remove_webauthn": {"pk": 0},
        "mfa_edit_webauthn": {"pk": 0},
        "import-template": {"extension": "csv"},
        "import-batch": {"batch_id": batch.pk},
        "import-discard": {"batch_id": batch.pk},
        "sign-ins-file": {"extension": "docx"},
        "roster-file": {"extension": "xlsx"},
        "activity-file": {"extension": "csv"},
        "file-activity-file": {"extension": "xlsx"},
        "access-file": {"extension": "csv"},
        "trail-file": {"extension": "docx"},
        "file-history": {"file_id": w2.pk},
        "file-history-file": {"file_id": w2.pk, "extension": "csv"},
        "organizer-export": {"organizer_id": organizer.pk, "extension": "xlsx"},
        **{name: {"organizer_id": organizer.pk} for name in ("organizer-print", "organizer-zip")},
        "organizer-year": {"year": organizer.tax_year},
        "usage-file": {"extension": "docx"},
        "usage-by-client-file": {"extension": "docx"},
        "event": {"seq": 1},
        "saved-view-new": {"report": "usage"},
        **{
            name: {"view_id": view.pk}
            for name in ("saved-view", "saved-view-change", "saved-view-deletion", "schedule-new")
        },
        **{
            name: {"schedule_id": schedule.pk}
            for name in addresses()
            if name.startswith("schedule") and name not in ("schedules", "schedule-new")
        },
        **{
            name: {"template_id": template.pk}
            for name in addresses()
            if name.startswith("organizer-template") and name not in ("organizer-templates", "organizer-template-new")
        },
        **{
            name: {"template_id": template.pk, "number": 1}
            for name in ("organizer-template-preview", "organizer-template-file")
        },
        **{
            f"organizer-template-{name}": {"template_id": template.pk, "section_key": "about"}
            for name in ("section", "section-words", "section-place", "section-deletion", "question-new")
        },
        **{
            f"organizer-template-{name}": {"template_id": template.pk, "question_key": "filing"}
            for name in ("question", "question-place", "question-deletion")
        },
        **{name: {"run_id": run.pk} for name in ("report-run", "report-run-file")},
        "integrity-checkpoint": {"size": make_checkpoint().size},
        "cabinet": {"cabinet_id": folder.cabinet_id},
        "cabinet-bin": {"cabinet_id": folder.cabinet_id},
        "cabinet-zip": {"cabinet_id": folder.cabinet_id},
        "folder-zip": {"folder_id": folder.pk},
        "file-preview": {"file_id": w2.pk},
        "file-preview-content": {"file_id": w2.pk},
        **{name: {"cabinet_id": folder.cabinet_id} for name in addresses() if name.startswith("cabinet-")},
        "retention-end": {"rule_id": rule.pk},
        "file-deletion": {"file_id": w2.pk},
        "version-deletion": {"file_id": w2.pk, "number": 1},
        "folder": {"folder_id": folder.pk},
        "folder-folders": {"folder_id": folder.pk},
        "folder-files": {"folder_id": folder.pk},
        "folder-bin": {"folder_id": folder.pk},
        "folder-move": {"folder_id": folder.pk},
        "folder-name": {"folder_id": folder.add_folder("2024", by=cast.client).pk},
        "cabinet-restore": {"cabinet_id": folder.cabinet_id},
        "folder-view-only": {"folder_id": folder.pk},
        "cabinet-folder-sets": {"cabinet_id": folder.cabinet_id},
        "folder-set": {"set_id": folder_set.pk},
        "folder-set-deletion": {"set_id": folder_set.pk},
        **{name: {"cabinet_id": folder.cabinet_id} for name in ("cabinet-requests", "request-new")},
        **{name: {"cabinet_id": folder.cabinet_id} for name in ("cabinet-links", "link-new")},
        **{name: {"cabinet_id": folder.cabinet_id, "link_id": link.pk} for name in ("link-again", "link-revocation")},
        **{name: {"request_id": asked.pk} for name in ("request", "request-change", "request-close", "request-reopen")},
        **{name: {"document_id": asked.documents.first().pk} for name in addresses() if name.startswith("requested")},
        **{name: {"token": token} for name in ("request-link", "request-link-code", "request-link-files")},
        **{
            name: {"upload_id": begin_upload(folder, by=cast.client).pk}
            for name in addresses()
            if name.startswith("upload-")
        },
        "upload": {"upload_id": begin_upload(folder, by=cast.client).pk},
        "upload-part": {"upload_id": begin_upload(folder, by=cast.client).pk, "number": 1},
        **{name: {"sending_id": sending.pk} for name in ("organizer-sending", "organizer-sending-discard")},
        "organizer": {"organizer_id": organizer.pk},
        **{
            f"organizer-{name}": {"organizer_id": organizer.pk}
            for name in ("change", "remind", "withdraw", "mark", "reopen", "reviewed", "seal", "reveal", "changes")
        },
        "organizer-send-again": {"organizer_id": organizer.pk},
        "file": {"file_id": w2.pk},
        "file-download": {"file_id": w2.pk},
        "file-name": {"file_id": w2.pk},
        "file-receipt": {"file_id": w2.pk},
        "file-release": {"file_id": w2.pk},
        "file-bin": {"file_id": w2.pk},
        "file-restore": {"file_id": w2.pk},
        "file-current": {"file_id": w2.pk},
        "file-notes": {"file_id": w2.pk},
        "file-note-removal": {"file_id": w2.pk},
        "help-page": {"page": "signing-in"},
        **{
            name: {"organizer_id": organizer.pk}
            for name in ("organizer", *(f"organizer-{part}" for part in ("answers", "check", "submit", "done")))
        },
        "organizer-section": {"organizer_id": organizer.pk, "section": "about"},
        "organizer-files": {"organizer_id": organizer.pk, "line": "w2"},
        "organizer-file-sent": {
            "organizer_id": organizer.pk,
            "line": "w2",
            "upload_id": begin_upload(folder, by=cast.client).pk,
        },
    }


def outcome(response):
    if response.status_code == 302 and response.url.startswith(reverse("account_login") + "?next="):
        return "in"
    return str(response.status_code)


@pytest.mark.parametrize("name", addresses())
def test_each_address_opens_to_whom_it_should(name, client, cast, arguments):
    url = reverse(name, kwargs=arguments.get(name))
    found = {}
    for method in ("GET", "POST"):
        answers = []
        for role in ROLES:
            client.logout()
            if role != "anonymous":
                client.force_login(getattr(cast, role))
            response = client.get(url) if method == "GET" else client.post(url)
            answers.append(outcome(response))
            b"".join(response)  # a file or an export is read to its end
        found[method] = " ".join(answers)
    assert name in DECISIONS, f"decide who may open {url}"
    assert (found["GET"], found["POST"]) == DECISIONS[name]


def test_djangos_admin_is_for_administrators_and_for_looking_only(client, cast, arguments):
    models = [(model._meta.app_label, model._meta.model_name) for model in site._registry]
    pages = [reverse("admin:index"), *(reverse(f"admin:{app}_{name}_changelist") for app, name in models)]
    pages.append(reverse("admin:accounts_user_change", args=[cast.client.pk]))
    for role in ROLES[:-1]:
        client.logout()
        if role != "anonymous":
            client.force_login(getattr(cast, role))
        assert {client.get(page).status_code for page in pages} <= {302, 403}, role
    client.force_login(cast.administrator)
    assert {client.get(page).status_code for page in pages} == {200}
    for app, name in models:
        assert client.get(reverse(f"admin:{app}_{name}_add")).status_code == 403
        assert client.post(reverse(f"admin:{app}_{name}_add"), {}).status_code == 403
    change = reverse("admin:accounts_user_change", args=[cast.client.pk])
    assert client.post(change, {"role": "administrator"}).status_code == 403
    assert client.post(reverse("admin:accounts_user_delete", args=[cast.client.pk]), {"post": "yes"}).status_code == 403


def test_no_decision_is_about_an_address_that_is_gone():
    assert set(DECISIONS) == set(addresses())


@pytest.fixture
def of_others(cast, arguments):
    """As ``arguments``, for each address that takes something of a client's: everything is the client Other's."""
    file = put_file(cast.other.cabinet.top, by=cast.stranger)
    others = {
        "client_id": cast.other.pk,
        "user_id": cast.stranger.pk,
        "cabinet_id": file.folder.cabinet_id,
        "folder_id": file.folder_id,
        "file_id": file.pk,
        "request_id": (asked := ask(cast, client=cast.other)).pk,
        "document_id": asked.documents.first().pk,
        "link_id": linked(cast, client=cast.other)[0].pk,
        "upload_id": begin_upload(file.folder, by=cast.stranger).pk,
        "organizer_id": sent(cast, client=cast.other).pk,
    }
    assert {key for given in arguments.values() for key in given} == {*others, *OF_NO_CLIENT}, "decide whose it is"
    return {
        name: {key: others.get(key, value) for key, value in given.items()}
        for name, given in arguments.items()
        if not set(given) <= OF_NO_CLIENT
    }


# One's own, where 0 is never; of those whom DECISIONS lets in; or a secret
OF_NO_CLIENT = {
    *("session_id", "pk", "batch_id", "set_id", "rule_id", "seq", "size", "number", "extension", "page"),
    *("name", "uidb36", "key", "token", "report", "view_id", "schedule_id", "run_id", "year", "sending_id"),
    *("template_id", "section_key", "question_key", "section", "line"),
}


def missing(value):
    return {uuid.UUID: uuid.uuid4(), int: 10**9}.get(type(value), value)


@pytest.mark.parametrize("role", ["client", "firm_user"])
def test_what_is_anothers_and_what_is_missing_are_the_same_404(role, sign_in, cast, of_others, events):
    browser, person = sign_in(getattr(cast, role)), getattr(cast, role)
    expected, found, asked = {}, {}, []
    for name, method in product(of_others, ("get", "post")):
        own = DECISIONS[name][method == "post"].split()[ROLES.index(role)]
        expected[name, method] = ["404" if own in ("200", "302") else own, True]
        theirs = reverse(name, kwargs=of_others[name])
        nothing = reverse(name, kwargs={key: missing(value) for key, value in of_others[name].items()})
        answers = [getattr(browser, method)(url) for url in (theirs, nothing)]
        found[name, method] = [outcome(answers[0]), answers[0].content == answers[1].content]
        if expected[name, method][0] == "404":
            asked += [theirs, nothing]

    assert found == expected
    denied = [event for event in events(action=Action.ACCESS_DENIED) if event.subject_type != "page"]
    assert [event.details["note"] for event in denied] == asked
    assert all(event.subject_id in event.details["note"] for event in denied)
    assert {(event.actor_email, event.client_name) for event in denied} == {
        (person.email, str(person.only_client() or ""))
    }
    for theirs, nothing in zip(denied[::2], denied[1::2], strict=True):
        assert (theirs.subject_type, theirs.subject) == (nothing.subject_type, nothing.subject)


OF_THE_ADMIN = ["admin:index", "admin:accounts_user_changelist"]


def answers_to(browser, arguments, *, session_key=""):
    """What each address answers to GET and POST: status, where to, and the page without its token, and without what an
    earlier one left to be said."""
    found, session = {}, SessionStore(session_key) if session_key else None
    for name, method in product([*addresses(), *OF_THE_ADMIN], ("get", "post")):
        browser.cookies.clear()
        if session is not None:
            browser.cookies[settings.SESSION_COOKIE_NAME] = session_key
            left = {key: value for key, value in session.load().items() if key != "_messages"}
            Session.objects.filter(pk=session_key).update(session_data=session.encode(left))
        response = getattr(browser, method)(reverse(name, kwargs=arguments.get(name)))
        page = re.sub(rb'(csrfmiddlewaretoken" value=)"[^"]+"', rb"\1", b"".join(response))
        found[name, method] = response.status_code, response.get("Location"), page
    return found


@pytest.mark.parametrize("role", ROLES[1:])
def test_who_was_deactivated_gets_what_anybody_gets(role, client, cast, arguments):
    """With the session that was open, and with one that is in no list of sessions, so that nothing ends it."""
    person, keys = getattr(cast, role), []
    for sign_in in (
        lambda: client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD}),
        lambda: client.force_login(person),
    ):
        client.cookies.clear()
        sign_in()
        assert client.get(reverse("profile")).status_code == 200
        keys.append(client.session.session_key)
    person.deactivate(by=join("paul@firm.example.com", Role.ADMINISTRATOR))
    ended, unlisted = keys
    assert Session.objects.get(pk__in=keys).pk == unlisted

    anybody = answers_to(client, arguments)
    assert answers_to(client, arguments, session_key=unlisted) == anybody
    assert answers_to(client, arguments, session_key=ended) == anybody


def test_a_file_of_anothers_folder_cannot_be_binned_through_ones_own(sign_in, cast, w2):
    own = put_file(cast.other.cabinet.top, by=cast.stranger)
    sign_in(cast.stranger).post(reverse("folder-bin", args=[own.folder_id]), {"file": [w2.pk, own.pk]})

    w2.refresh_from_db()
    own.refresh_from_db()
    assert (w2.binned_at is None, own.binned_at is None) == (True, False)
