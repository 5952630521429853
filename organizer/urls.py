from django.urls import path

from organizer import filling_views

urlpatterns = [
    path("", filling_views.own, name="organizers"),
    path("<uuid:organizer_id>/", filling_views.start, name="organizer"),
    path("<uuid:organizer_id>/sections/<slug:section>/", filling_views.section, name="organizer-section"),
    path("<uuid:organizer_id>/answers/", filling_views.answers, name="organizer-answers"),
    path("<uuid:organizer_id>/files/<str:line>/", filling_views.files, name="organizer-files"),
    path("<uuid:organizer_id>/check/", filling_views.check, name="organizer-check"),
    path("<uuid:organizer_id>/submission/", filling_views.submit, name="organizer-submit"),
    path("<uuid:organizer_id>/done/", filling_views.done, name="organizer-done"),
]
