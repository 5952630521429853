"""Who may open which address, taken from the URLconf itself: an address without a decision here fails."""

import uuid

import pytest
from django.urls import get_resolver, reverse

from accounts.import_batches import ImportBatch
from accounts.models import Invitation
from activity.actions import Action
from portal.admin import site
from tests.conftest import put_file

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
    # The firm's people and settings
    "client": ("in 403 403 200 404 403 200", "in 403 403 405 405 403 405"),
    "client-new": ("in 403 403 200 200 403 200", "in 403 403 200 200 403 200"),
    "client-people": ("in 403 403 200 404 403 200", "in 403 403 200 404 403 200"),
    "clients": ("in 403 403 200 200 403 200", "in 403 403 405 405 403 405"),
    "person-invitations": ("in 403 403 405 405 403 405", "in 403 403 302 404 403 302"),
    "firm-settings": ("in 403 403 403 403 403 200", "in 403 403 403 403 403 200"),
    "firm-user-new": ("in 403 403 403 403 403 200", "in 403 403 403 403 403 200"),
    "firm-users": ("in 403 403 403 403 403 200", "in 403 403 403 403 403 405"),
    # The lists, one person, one client, and an import
    "roster": ("in 403 403 200 200 200 200", "in 403 403 405 405 405 405"),
    "roster-file": ("in 403 403 200 200 200 200", "in 403 403 405 405 405 405"),
    "client-change": ("in 403 403 200 404 403 200", "in 403 403 200 404 403 200"),
    "client-person-removal": ("in 403 403 405 405 403 405", "in 403 403 302 404 403 404"),
    "client-archive": ("in 403 403 403 403 403 405", "in 403 403 403 403 403 302"),
    "client-reactivation": ("in 403 403 403 403 403 405", "in 403 403 403 403 403 302"),
    "client-deletion": ("in 403 403 403 403 403 200", "in 403 403 403 403 403 200"),
    "import": ("in 403 403 403 403 403 200", "in 403 403 403 403 403 200"),
    "import-template": ("in 403 403 403 403 403 200", "in 403 403 403 403 403 405"),
    "import-batch": ("in 403 403 403 403 403 200", "in 403 403 403 403 403 200"),
    "import-discard": ("in 403 403 403 403 403 405", "in 403 403 403 403 403 302"),
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
    "event": ("in 403 403 403 403 200 200", "in 403 403 403 403 405 405"),
    "file-activity": ("in 403 403 200 200 200 200", "in 403 403 405 405 405 405"),
    "file-activity-file": ("in 403 403 200 200 200 200", "in 403 403 405 405 405 405"),
    "usage": ("in 403 403 200 200 200 200", "in 403 403 405 405 405 405"),
    "usage-file": ("in 403 403 200 200 200 200", "in 403 403 405 405 405 405"),
    # A client's files
    "cabinet": ("in 200 404 200 404 404 200", "in 405 405 405 405 405 405"),
    "cabinet-bin": ("in 200 404 200 404 404 200", "in 405 405 405 405 405 405"),
    "file": ("in 200 404 200 404 404 200", "in 405 405 405 405 405 405"),
    "file-bin": ("in 405 405 405 405 405 405", "in 302 404 302 404 404 302"),
    "file-download": ("in 200 404 200 404 404 200", "in 405 405 405 405 405 405"),
    "file-name": ("in 200 404 200 404 404 200", "in 200 404 200 404 404 200"),
    "file-restore": ("in 405 405 405 405 405 405", "in 302 404 302 404 404 302"),
    "folder": ("in 200 404 200 404 404 200", "in 405 405 405 405 405 405"),
    "folder-bin": ("in 405 405 405 405 405 405", "in 302 404 302 404 404 302"),
    "folder-files": ("in 405 405 405 405 405 405", "in 302 404 302 404 404 302"),
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
    batch = ImportBatch.objects.create(by=cast.administrator, file_name="clients.csv", row_count=0)
    return {
        "account_reset_password_from_key": {"uidb36": "1", "key": "set-password"},
        "invitation": {"token": Invitation.issue(cast.client, by=cast.administrator)},
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
        "roster-file": {"extension": "xlsx"},
        "activity-file": {"extension": "csv"},
        "file-activity-file": {"extension": "xlsx"},
        "usage-file": {"extension": "docx"},
        "event": {"seq": 1},
        "cabinet": {"cabinet_id": folder.cabinet_id},
        "cabinet-bin": {"cabinet_id": folder.cabinet_id},
        "folder": {"folder_id": folder.pk},
        "folder-folders": {"folder_id": folder.pk},
        "folder-files": {"folder_id": folder.pk},
        "folder-bin": {"folder_id": folder.pk},
        "file": {"file_id": w2.pk},
        "file-download": {"file_id": w2.pk},
        "file-name": {"file_id": w2.pk},
        "file-bin": {"file_id": w2.pk},
        "file-restore": {"file_id": w2.pk},
        "help-page": {"page": "signing-in"},
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


ANOTHERS = ["cabinet", "cabinet-bin", "folder", "folder-folders", "file", "file-download", "file-name"]


@pytest.mark.parametrize("name", ANOTHERS)
def test_anothers_object_and_a_missing_one_are_the_same_404(name, sign_in, cast, arguments, events):
    browser = sign_in(cast.stranger)
    (argument,) = arguments[name]
    theirs = browser.get(reverse(name, kwargs=arguments[name]))
    missing = browser.get(reverse(name, kwargs={argument: uuid.uuid4()}))

    assert theirs.status_code == missing.status_code == 404
    assert theirs.content == missing.content
    denied = events(action=Action.ACCESS_DENIED)
    assert [event.actor_email for event in denied] == [cast.stranger.email] * 2
    assert {(event.subject_type, event.subject, event.client_name) for event in denied} == {
        (denied[0].subject_type, denied[0].subject, "Other Roofing LLC")
    }
    assert [event.subject_id in theirs.request["PATH_INFO"] for event in denied] == [True, False]


def test_a_file_of_anothers_folder_cannot_be_binned_through_ones_own(sign_in, cast, w2):
    own = put_file(cast.other.cabinet.top, by=cast.stranger)
    sign_in(cast.stranger).post(reverse("folder-bin", args=[own.folder_id]), {"file": [w2.pk, own.pk]})

    w2.refresh_from_db()
    own.refresh_from_db()
    assert (w2.binned_at is None, own.binned_at is None) == (True, False)
