from accounts.connections import release_connection

PERMISSIONS = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"


class HeadersMiddleware:
    """What no page here needs is switched off; what stands behind sign-in is kept by no cache."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        response["Permissions-Policy"] = PERMISSIONS
        if request.user.is_authenticated:
            response.setdefault("Cache-Control", "private, no-store")
        return response


class StreamingMiddleware:
    """A response that streams holds no database connection while its reader takes its time."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if response.streaming:
            release_connection()
        return response
