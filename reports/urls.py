from django.urls import path, re_path

from reports import access_views, choice_views, history_views, log_views, roster_views, sign_in_views, usage_views

UUIDS = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
FORMATS = r"\.(?P<extension>csv|xlsx|docx)$"

urlpatterns = [
    path("activity/", log_views.activity, name="activity"),
    re_path(r"^activity" + FORMATS, log_views.activity_file, name="activity-file"),
    path("activity/chart/", log_views.activity_chart, name="activity-chart"),
    path("activity/new/", log_views.activity_new, name="activity-new"),
    path("activity/mine/", history_views.trail, name="trail"),
    re_path(r"^activity/mine" + FORMATS, history_views.trail_file, name="trail-file"),
    path("activity/<int:seq>/", log_views.event, name="event"),
    path("activity/choices/people/", choice_views.people, name="choices-people"),
    path("activity/choices/clients/", choice_views.clients, name="choices-clients"),
    path("accounts/roster/", roster_views.roster, name="roster"),
    re_path(r"^accounts/roster" + FORMATS, roster_views.roster_file, name="roster-file"),
    path("accounts/sign-ins/", sign_in_views.sign_ins, name="sign-ins"),
    re_path(r"^accounts/sign-ins" + FORMATS, sign_in_views.sign_ins_file, name="sign-ins-file"),
    path("files/activity/", log_views.file_activity, name="file-activity"),
    re_path(r"^files/activity" + FORMATS, log_views.file_activity_file, name="file-activity-file"),
    path("files/activity/chart/", log_views.file_activity_chart, name="file-activity-chart"),
    path("files/activity/new/", log_views.file_activity_new, name="file-activity-new"),
    path("files/access/", access_views.access, name="access"),
    re_path(r"^files/access" + FORMATS, access_views.access_file, name="access-file"),
    path("files/<uuid:file_id>/history/", history_views.file_history, name="file-history"),
    re_path(
        r"^files/(?P<file_id>" + UUIDS + r")/history" + FORMATS,
        history_views.file_history_file,
        name="file-history-file",
    ),
    path("files/usage/", usage_views.usage, name="usage"),
    re_path(r"^files/usage" + FORMATS, usage_views.usage_file, name="usage-file"),
]
