from django.urls import path, re_path

from reports import log_views, roster_views, trim_views, usage_views

FORMATS = r"\.(?P<extension>csv|xlsx|docx)$"

urlpatterns = [
    path("activity/", log_views.activity, name="activity"),
    re_path(r"^activity" + FORMATS, log_views.activity_file, name="activity-file"),
    path("activity/<int:seq>/", log_views.event, name="event"),
    path("accounts/roster/", roster_views.roster, name="roster"),
    re_path(r"^accounts/roster" + FORMATS, roster_views.roster_file, name="roster-file"),
    path("files/activity/", log_views.file_activity, name="file-activity"),
    re_path(r"^files/activity" + FORMATS, log_views.file_activity_file, name="file-activity-file"),
    path("files/usage/", usage_views.usage, name="usage"),
    re_path(r"^files/usage" + FORMATS, usage_views.usage_file, name="usage-file"),
    path("files/usage/clients/", usage_views.usage_by_client, name="usage-by-client"),
    re_path(r"^files/usage/clients" + FORMATS, usage_views.usage_by_client_file, name="usage-by-client-file"),
    path("files/usage/trend/", usage_views.usage_trend, name="usage-trend"),
    path("files/usage/trim/", trim_views.trim, name="usage-trim"),
    path("files/usage/trim/review/", trim_views.review, name="usage-trim-review"),
    path("files/usage/trim/bin/", trim_views.move_to_bin, name="usage-trim-bin"),
    path("files/usage/trim/restore/", trim_views.restore, name="usage-trim-restore"),
]
