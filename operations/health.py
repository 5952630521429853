from django.http import HttpResponse

from operations.startup import problems


class HealthMiddleware:
    """Answers what starts, stops and balances processes, before anything else looks at the request: any Host, no session,
    nothing in the log. ``/healthz/live``: the process answers, and nothing more was looked at. ``/healthz/ready``, and
    ``/healthz`` for short: it can serve, or why not."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.path == "/healthz/live":
            return _answer("alive")
        if request.path in ("/healthz", "/healthz/ready"):
            found = problems()
            return _answer("\n".join(found) or "ready", status=503 if found else 200)
        return self.get_response(request)


def _answer(words, *, status=200):
    return HttpResponse(words + "\n", status=status, content_type="text/plain; charset=utf-8")
