"""Addresses that the firm and its clients share: each sees their own side."""

from accounts.access import for_right
from accounts.rights import Right
from organizer import filling_views, following_views, reviewing_views


@for_right(Right.USE_ORGANIZER)
def organizers(request):
    return (filling_views.own if request.user.is_client_user else following_views.dashboard)(request)


@for_right(Right.USE_ORGANIZER)
def organizer(request, organizer_id):
    return (filling_views.start if request.user.is_client_user else reviewing_views.review)(request, organizer_id)
