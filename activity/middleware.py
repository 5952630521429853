import uuid

from django.core.exceptions import PermissionDenied

from accounts.access import NotForYou
from accounts.network import client_address
from activity.actions import Action
from activity.origin import Origin, coming_from
from activity.recording import Subject, record_now


class ActivityMiddleware:
    """Says where a request comes from while it is answered, and records what was denied."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        origin = Origin(
            ip=client_address(request),
            user_agent=request.headers.get("User-Agent", ""),
            request_id=uuid.uuid4().hex,
        )
        request.origin = origin
        with coming_from(origin):
            response = self.get_response(request)
        response["X-Request-ID"] = origin.request_id
        return response

    def process_exception(self, request, exception):
        """Runs outside the view's transaction, so that the denial stays when the view's work is undone."""
        user = getattr(request, "user", None)
        if user is None or not user.is_authenticated:
            return
        if isinstance(exception, NotForYou):
            subject = Subject(
                exception.kind, exception.object_id, f"A {exception.kind} that is not theirs, or not there"
            )
            record_now(Action.ACCESS_DENIED, by=user, subject=subject, note=request.path)
        elif isinstance(exception, PermissionDenied):
            record_now(Action.ACCESS_DENIED, by=user, subject=Subject("page", "", request.path))
