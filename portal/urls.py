from django.urls import include, path

from activity.receipt_views import receipt
from portal import views
from portal.admin import site

urlpatterns = [
    path("", views.home, name="home"),
    path("", include("operations.urls")),
    path("", include("reports.urls")),
    path("", include("accounts.urls")),
    path("activity/", include("activity.urls")),
    path("files/<uuid:file_id>/receipt/", receipt, name="file-receipt"),
    path("files/", include("files.urls")),
    path("organizer/", include("organizer.urls")),
    path("admin/", site.urls),
    path("demonstration/mail/", views.mailbox, name="demonstration-mail"),
    path("help/", views.help_center, name="help"),
    path("help/<slug:page>/", views.help_page, name="help-page"),
]

handler400 = "portal.views.bad_request"
handler403 = "portal.views.forbidden"
handler404 = "portal.views.not_found"
handler429 = "portal.views.too_many"  # django-allauth's, and ours where one asks too often
handler500 = "portal.views.server_error"
