from allauth.account import views as allauth_views
from django.urls import path, re_path

from accounts import views

urlpatterns = [
    # Signing in, under allauth's own names. What is not here (sign-up, e-mail changes) does not exist.
    path("account/login/", allauth_views.login, name="account_login"),
    path("account/logout/", allauth_views.logout, name="account_logout"),
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
    path("account/", views.profile, name="profile"),
    path("accounts/invitations/<str:token>/", views.invitation, name="invitation"),
    path("accounts/clients/", views.clients, name="clients"),
    path("accounts/clients/new/", views.add_client, name="client-new"),
    path("accounts/clients/<int:client_id>/", views.client, name="client"),
    path("accounts/clients/<int:client_id>/people/", views.add_person, name="client-people"),
    path("accounts/people/<int:user_id>/invitations/", views.invite_again, name="person-invitations"),
    path("accounts/firm-users/", views.firm_users, name="firm-users"),
    path("accounts/firm-users/new/", views.add_firm_user, name="firm-user-new"),
    path("accounts/settings/", views.firm_settings, name="firm-settings"),
    path("firm.css", views.firm_css, name="firm-css"),
]
