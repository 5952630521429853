from accounts.connections import release_connection


class StreamingMiddleware:
    """A response that streams holds no database connection while its reader takes its time."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if response.streaming:
            release_connection()
        return response
