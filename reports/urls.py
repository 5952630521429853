from django.urls import path, re_path

from reports import log_views, roster_views, saved_views, schedule_views, usage_views

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
    path("reports/", saved_views.views, name="saved-views"),
    path("reports/new/<slug:report>/", saved_views.save_view, name="saved-view-new"),
    path("reports/views/<int:view_id>/", saved_views.open_view, name="saved-view"),
    path("reports/views/<int:view_id>/change/", saved_views.change_view, name="saved-view-change"),
    path("reports/views/<int:view_id>/deletion/", saved_views.delete_view, name="saved-view-deletion"),
    path("reports/views/<int:view_id>/schedule/", schedule_views.add_schedule, name="schedule-new"),
    path("reports/schedules/", schedule_views.schedules, name="schedules"),
    path("reports/schedules/<int:schedule_id>/", schedule_views.schedule, name="schedule"),
    path("reports/schedules/<int:schedule_id>/change/", schedule_views.change_schedule, name="schedule-change"),
    path("reports/schedules/<int:schedule_id>/pause/", schedule_views.pause_schedule, name="schedule-pause"),
    path("reports/schedules/<int:schedule_id>/resumption/", schedule_views.resume_schedule, name="schedule-resumption"),
    path("reports/schedules/<int:schedule_id>/runs/", schedule_views.run_schedule, name="schedule-runs"),
    path("reports/schedules/<int:schedule_id>/deletion/", schedule_views.delete_schedule, name="schedule-deletion"),
    path("reports/runs/<int:run_id>/", schedule_views.run, name="report-run"),
    path("reports/runs/<int:run_id>/file/", schedule_views.run_file, name="report-run-file"),
]
