from django.http import HttpResponse

from portal.startup import problems


class HealthMiddleware:
    """Answers ``/healthz`` before anything else looks at the request: any Host, no session, nothing in the log."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.path == "/healthz":
            found = problems()
            text = "\n".join(found) or "ready"
            return HttpResponse(text + "\n", status=503 if found else 200, content_type="text/plain; charset=utf-8")
        return self.get_response(request)
