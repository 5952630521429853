"""Addresses that the firm and its clients share: each sees their own side."""

from organizer import filling_views, following_views, reviewing_views
from organizer.access import for_organizer_users


@for_organizer_users
def organizers(request):
    return (filling_views.own if request.user.is_client_user else following_views.dashboard)(request)


@for_organizer_users
def organizer(request, organizer_id):
    return (filling_views.start if request.user.is_client_user else reviewing_views.review)(request, organizer_id)
