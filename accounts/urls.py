from allauth.account import views as allauth_views
from allauth.mfa.base import views as mfa_views
from allauth.mfa.recovery_codes import views as recovery_views
from allauth.mfa.totp import views as totp_views
from allauth.mfa.webauthn import views as passkey_views
from django.urls import path, re_path

from accounts import client_views, import_views, people_views, sign_in_views, views
from accounts.second_factor import announced
from accounts.sessions import forgets_in_browser

urlpatterns = [
    # Signing in, under allauth's own names. What is not here (sign-up, trusted browsers) does not exist.
    path("account/login/", allauth_views.login, name="account_login"),
    path("account/logout/", forgets_in_browser(allauth_views.logout), name="account_logout"),
    path("account/inactive/", allauth_views.account_inactive, name="account_inactive"),
    path("account/reauthenticate/", allauth_views.reauthenticate, name="account_reauthenticate"),
    path("account/password/change/", allauth_views.password_change, name="account_change_password"),
    path("account/password/reset/", allauth_views.password_reset, name="account_reset_password"),
    path("account/password/reset/done/", allauth_views.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^account/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        allauth_views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "account/password/reset/key/done/",
        allauth_views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("account/email/", sign_in_views.change_email, name="account_email"),
    re_path(r"^account/confirm-email/(?P<key>[-:\w]+)/$", sign_in_views.confirm_email, name="account_confirm_email"),
    path("account/2fa/", sign_in_views.second_factor, name="mfa_index"),
    path("account/2fa/authenticate/", mfa_views.authenticate, name="mfa_authenticate"),
    path("account/2fa/reauthenticate/", mfa_views.reauthenticate, name="mfa_reauthenticate"),
    path("account/2fa/totp/activate/", announced(totp_views.activate_totp), name="mfa_activate_totp"),
    path("account/2fa/totp/deactivate/", sign_in_views.remove_app, name="mfa_deactivate_totp"),
    path("account/2fa/recovery-codes/", recovery_views.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "account/2fa/recovery-codes/generate/",
        announced(recovery_views.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path("account/2fa/webauthn/add/", announced(passkey_views.add_webauthn), name="mfa_add_webauthn"),
    path("account/2fa/webauthn/login/", passkey_views.login_webauthn, name="mfa_login_webauthn"),
    path(
        "account/2fa/webauthn/reauthenticate/",
        sign_in_views.ReauthenticatePasskeyView.as_view(),
        name="mfa_reauthenticate_webauthn",
    ),
    path("account/2fa/webauthn/keys/<int:pk>/remove/", sign_in_views.remove_passkey, name="mfa_remove_webauthn"),
    path("account/2fa/webauthn/keys/<int:pk>/edit/", sign_in_views.rename_passkey, name="mfa_edit_webauthn"),
    path("account/sessions/", views.sessions, name="sessions"),
    path("account/sessions/<int:session_id>/end/", views.end_session, name="session-end"),
    path("account/", views.profile, name="profile"),
    path("accounts/invitations/<str:token>/", views.invitation, name="invitation"),
    path("accounts/clients/", client_views.clients, name="clients"),
    path("accounts/clients/new/", client_views.add_client, name="client-new"),
    path("accounts/clients/<int:client_id>/", client_views.client, name="client"),
    path("accounts/clients/<int:client_id>/change/", client_views.edit_client, name="client-change"),
    path("accounts/clients/<int:client_id>/people/", client_views.add_person, name="client-people"),
    path(
        "accounts/clients/<int:client_id>/people/<int:user_id>/removal/",
        client_views.remove_person,
        name="client-person-removal",
    ),
    path("accounts/clients/<int:client_id>/archive/", client_views.archive_client, name="client-archive"),
    path("accounts/clients/<int:client_id>/reactivation/", client_views.reactivate_client, name="client-reactivation"),
    path("accounts/clients/<int:client_id>/deletion/", client_views.delete_client, name="client-deletion"),
    path("accounts/import/", import_views.import_clients, name="import"),
    re_path(
        r"^accounts/import/template\.(?P<extension>xlsx|csv)$", import_views.import_template, name="import-template"
    ),
    path("accounts/import/<uuid:batch_id>/", import_views.import_batch, name="import-batch"),
    path("accounts/import/<uuid:batch_id>/discard/", import_views.discard_import, name="import-discard"),
    path("accounts/held-invitations/", import_views.held_invitations, name="held-invitations"),
    path("accounts/firm-users/", people_views.firm_users, name="firm-users"),
    path("accounts/firm-users/new/", people_views.add_firm_user, name="firm-user-new"),
    path("accounts/people/<int:user_id>/", people_views.person, name="person"),
    path("accounts/people/<int:user_id>/change/", people_views.edit_person, name="person-change"),
    path("accounts/people/<int:user_id>/deactivation/", people_views.deactivate, name="person-deactivation"),
    path("accounts/people/<int:user_id>/reactivation/", people_views.reactivate, name="person-reactivation"),
    path("accounts/people/<int:user_id>/deletion/", people_views.delete_person, name="person-deletion"),
    path("accounts/people/<int:user_id>/invitations/", people_views.invite_again, name="person-invitations"),
    path(
        "accounts/people/<int:user_id>/invitations/revocation/",
        people_views.revoke_invitation,
        name="person-revocation",
    ),
    path("accounts/people/<int:user_id>/sessions/end/", people_views.end_sessions, name="person-sessions-end"),
    path("accounts/people/<int:user_id>/factors/reset/", people_views.reset_factors, name="person-factors-reset"),
    path("accounts/people/<int:user_id>/lock/removal/", people_views.unlock, name="person-unlock"),
    path("accounts/settings/", views.firm_settings, name="firm-settings"),
    path("firm.css", views.firm_css, name="firm-css"),
]
