from django.urls import path, re_path

from reports import log_views, roster_views, usage_views, verifying_views

FORMATS = r"\.(?P<extension>csv|xlsx|docx)$"

urlpatterns = [
    path("activity/", log_views.activity, name="activity"),
    re_path(r"^activity" + FORMATS, log_views.activity_file, name="activity-file"),
    path("activity/exports/verify/", verifying_views.verify, name="export-verification"),
    path("activity/<int:seq>/", log_views.event, name="event"),
    path("accounts/roster/", roster_views.roster, name="roster"),
    re_path(r"^accounts/roster" + FORMATS, roster_views.roster_file, name="roster-file"),
    path("files/activity/", log_views.file_activity, name="file-activity"),
    re_path(r"^files/activity" + FORMATS, log_views.file_activity_file, name="file-activity-file"),
    path("files/usage/", usage_views.usage, name="usage"),
    re_path(r"^files/usage" + FORMATS, usage_views.usage_file, name="usage-file"),
]
