"""Pages go first: an export leaves the process to one that is being made in it, and loses no time where none is."""

import time

MOST_SECONDS, STEP_SECONDS = 0.02, 0.002
LONG_SECONDS = 1  # who has been at it for so long is a file on its way, and waits for the network

_began = {}  # request that is being answered in this process → when


class TurnsMiddleware:
    """Exports know of each request until its response begins: their own bytes come after that."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        _began[id(request)] = time.monotonic()
        try:
            return self.get_response(request)
        finally:
            del _began[id(request)]


def give_way():
    """The pages that were being made in this process are made, or MOST_SECONDS have gone by."""
    end = time.monotonic() + MOST_SECONDS
    while (now := time.monotonic()) < end and any(now - began < LONG_SECONDS for began in list(_began.values())):
        time.sleep(STEP_SECONDS)
