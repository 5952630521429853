"""Addresses that the firm and its clients share: each sees their own side."""

from accounts.access import for_right, for_the_firm
from accounts.rights import Right
from organizer import following_views, reviewing_views


@for_the_firm
@for_right(Right.USE_ORGANIZER)
def organizers(request):
    return following_views.dashboard(request)


@for_the_firm
@for_right(Right.USE_ORGANIZER)
def organizer(request, organizer_id):
    return reviewing_views.review(request, organizer_id)
