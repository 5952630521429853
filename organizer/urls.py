from django.urls import path

from organizer import following_views, reviewing_views, sending_views, views

urlpatterns = [
    path("", views.organizers, name="organizers"),
    path("send/", sending_views.send, name="organizer-send"),
    path("send/<uuid:sending_id>/", sending_views.sending, name="organizer-sending"),
    path("send/<uuid:sending_id>/discard/", sending_views.discard, name="organizer-sending-discard"),
    path("<uuid:organizer_id>/", views.organizer, name="organizer"),
    path("<uuid:organizer_id>/change/", following_views.change, name="organizer-change"),
    path("<uuid:organizer_id>/reminder/", following_views.remind, name="organizer-remind"),
    path("<uuid:organizer_id>/withdrawal/", following_views.withdraw, name="organizer-withdraw"),
    path("<uuid:organizer_id>/again/", following_views.send_again, name="organizer-send-again"),
    path("<uuid:organizer_id>/marks/", reviewing_views.mark, name="organizer-mark"),
    path("<uuid:organizer_id>/reopening/", reviewing_views.reopen, name="organizer-reopen"),
    path("<uuid:organizer_id>/review/", reviewing_views.mark_reviewed, name="organizer-reviewed"),
    path("<uuid:organizer_id>/seal/", reviewing_views.seal, name="organizer-seal"),
    path("<uuid:organizer_id>/secret/", reviewing_views.reveal, name="organizer-reveal"),
    path("<uuid:organizer_id>/changes/", reviewing_views.changes, name="organizer-changes"),
]
