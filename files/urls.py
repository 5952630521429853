from django.urls import path

from files import views

urlpatterns = [
    path("", views.exchange, name="exchange"),
    path("cabinets/<uuid:cabinet_id>/", views.cabinet, name="cabinet"),
    path("cabinets/<uuid:cabinet_id>/bin/", views.bin_of_cabinet, name="cabinet-bin"),
    path("folders/<uuid:folder_id>/", views.folder, name="folder"),
    path("folders/<uuid:folder_id>/folders/", views.add_folder, name="folder-folders"),
    path("folders/<uuid:folder_id>/files/", views.upload, name="folder-files"),
    path("folders/<uuid:folder_id>/bin/", views.move_to_bin, name="folder-bin"),
    path("<uuid:file_id>/", views.file, name="file"),
    path("<uuid:file_id>/download/", views.download, name="file-download"),
    path("<uuid:file_id>/name/", views.rename, name="file-name"),
    path("<uuid:file_id>/bin/", views.bin_file, name="file-bin"),
    path("<uuid:file_id>/restore/", views.restore, name="file-restore"),
]
