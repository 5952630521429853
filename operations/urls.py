from django.urls import path

from operations import status_views, views

urlpatterns = [
    path("setup/", views.setup, name="setup"),
    path("setup/<slug:name>/", views.setup_step, name="setup-step"),
    path("status/", status_views.status, name="status"),
]
