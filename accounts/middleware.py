from django.utils import timezone


class TimeZoneMiddleware:
    """Times on a page are in the zone of whoever reads it."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if not request.user.is_authenticated:
            return self.get_response(request)
        with timezone.override(request.user.zone):
            return self.get_response(request)
