"""Where an act comes from: set by the middleware for a request, by hand for anything else."""

import uuid
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Origin:
    """An address (empty for the system's own acts), the browser's own description, and an id shared with the server's log."""

    ip: str = ""
    user_agent: str = ""
    request_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    is_system: bool = False


_current = ContextVar("origin", default=None)


def current_origin():
    """Where what happens now comes from: the portal itself, where nothing says otherwise."""
    return _current.get() or Origin(is_system=True)


@contextmanager
def coming_from(origin):
    """What is recorded inside comes from ``origin``; needed where a body streams after its request's context is gone."""
    token = _current.set(origin)
    try:
        yield origin
    finally:
        _current.reset(token)
