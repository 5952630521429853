from django.urls import path

from files import bin_views, cabinet_views, folder_set_views, moving_views, note_views, search_views, views

urlpatterns = [
    path("", views.exchange, name="exchange"),
    path("search/", search_views.search, name="file-search"),
    path("cabinets/", cabinet_views.open_own, name="cabinets"),
    path("cabinets/<uuid:cabinet_id>/", views.cabinet, name="cabinet"),
    path("cabinets/<uuid:cabinet_id>/bin/", bin_views.bin_of_cabinet, name="cabinet-bin"),
    path("cabinets/<uuid:cabinet_id>/bin/restore/", bin_views.restore_all, name="cabinet-restore"),
    path("folders/<uuid:folder_id>/", views.folder, name="folder"),
    path("folders/<uuid:folder_id>/folders/", views.add_folder, name="folder-folders"),
    path("folders/<uuid:folder_id>/files/", views.upload, name="folder-files"),
    path("folders/<uuid:folder_id>/bin/", bin_views.move_to_bin, name="folder-bin"),
    path("folders/<uuid:folder_id>/move/", moving_views.move, name="folder-move"),
    path("folders/<uuid:folder_id>/name/", moving_views.rename_folder, name="folder-name"),
    path("cabinets/<uuid:cabinet_id>/folder-sets/", folder_set_views.apply, name="cabinet-folder-sets"),
    path("folder-sets/", folder_set_views.folder_sets, name="folder-sets"),
    path("folder-sets/new/", folder_set_views.make, name="folder-set-new"),
    path("folder-sets/<int:set_id>/", folder_set_views.change, name="folder-set"),
    path("folder-sets/<int:set_id>/deletion/", folder_set_views.delete, name="folder-set-deletion"),
    path("folders/<uuid:folder_id>/view-only/", cabinet_views.set_view_only, name="folder-view-only"),
    path("<uuid:file_id>/", views.file, name="file"),
    path("<uuid:file_id>/download/", views.download, name="file-download"),
    path("<uuid:file_id>/name/", views.rename, name="file-name"),
    path("<uuid:file_id>/bin/", bin_views.bin_file, name="file-bin"),
    path("<uuid:file_id>/restore/", bin_views.restore, name="file-restore"),
    path("<uuid:file_id>/current/", note_views.make_current, name="file-current"),
    path("<uuid:file_id>/notes/", note_views.add_note, name="file-notes"),
    path("<uuid:file_id>/notes/removal/", note_views.remove_note, name="file-note-removal"),
]
