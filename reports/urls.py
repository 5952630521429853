from django.urls import path, re_path

from reports import views

FORMATS = r"\.(?P<extension>csv|xlsx|docx)$"

urlpatterns = [
    path("activity/", views.activity, name="activity"),
    re_path(r"^activity" + FORMATS, views.activity_file, name="activity-file"),
    path("activity/<int:seq>/", views.event, name="event"),
    path("accounts/roster/", views.roster, name="roster"),
    re_path(r"^accounts/roster" + FORMATS, views.roster_file, name="roster-file"),
    path("files/activity/", views.file_activity, name="file-activity"),
    re_path(r"^files/activity" + FORMATS, views.file_activity_file, name="file-activity-file"),
    path("files/usage/", views.usage, name="usage"),
    re_path(r"^files/usage" + FORMATS, views.usage_file, name="usage-file"),
]
